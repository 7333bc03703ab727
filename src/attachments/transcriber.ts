import type OpenAI from "openai";
import { AppError } from "../errors.ts";
import type { SilkDecoder } from "./silk-decoder.ts";
import type { TextReader } from "./text-reader.ts";

export interface TranscriberOptions {
  readonly model: string;
  /** Default: the address of OpenAI itself. */
  readonly baseUrl?: string;
  readonly apiKey?: string;
  /** Milliseconds for a transcript with everything in it, a retry too. */
  readonly timeoutMs: number;
  /** For WeChat's own voices, which no endpoint takes; without it they are not read. */
  readonly silk?: SilkDecoder;
}

/** What the endpoints accept at most. */
const longestVoice = 25 * 1024 * 1024;

/** Endpoints go by the ending of the name. */
const endings: Readonly<Record<string, string>> = {
  "audio/ogg": "ogg",
  "audio/mpeg": "mp3",
  "audio/mp4": "m4a",
  "audio/wav": "wav",
  "audio/webm": "webm",
  "audio/flac": "flac",
  "audio/amr": "amr",
  "audio/aac": "aac",
  "audio/3gpp": "3gp",
  "audio/quicktime": "mp4",
};

/** Reads voices by any OpenAI-compatible `audio/transcriptions` endpoint. */
export function createTranscriber(options: TranscriberOptions): TextReader {
  let client: Promise<OpenAI> | undefined;
  return {
    name: "voice",
    atOnce: 4,
    reads: ({ kind, mimeType, size }) =>
      kind === "voice" &&
      size <= longestVoice &&
      (mimeType in endings || (mimeType === "audio/silk" && options.silk?.decodes(size) === true)),
    async read({ bytes, mimeType }, signal) {
      const time = AbortSignal.any([signal, AbortSignal.timeout(options.timeoutMs)]);
      const silk = mimeType === "audio/silk" ? options.silk : undefined;
      const voice =
        silk === undefined
          ? { bytes, mimeType }
          : { bytes: await silk.decode(bytes, time), mimeType: "audio/wav" };
      client ??= createClient(options);
      try {
        const { text } = await (await client).audio.transcriptions.create(
          { model: options.model, file: fileOf(voice.bytes, voice.mimeType), response_format: "json" },
          { signal: time },
        );
        if (typeof text !== "string") throw new Error("the answer holds no text");
        return text;
      } catch (cause) {
        signal.throwIfAborted();
        throw unavailable(time.aborted ? "did not answer in time" : whatOf(cause), cause);
      }
    },
  };
}

/** The library takes a good part of a second to load: only when the first voice comes. */
async function createClient({ baseUrl, apiKey, timeoutMs }: TranscriberOptions): Promise<OpenAI> {
  const { OpenAI: Client } = await import("openai");
  return new Client({
    // The client insists on a key; local servers need none.
    apiKey: apiKey ?? "none",
    // Named, so that no other setting of the environment is taken instead.
    baseURL: baseUrl ?? "https://api.openai.com/v1",
    organization: null,
    project: null,
    timeout: timeoutMs,
    maxRetries: 1,
    logLevel: "off",
  });
}

function fileOf(bytes: Uint8Array, mimeType: string): File {
  return new File([new Uint8Array(bytes)], `voice.${endings[mimeType] ?? "ogg"}`, { type: mimeType });
}

function whatOf(cause: unknown): string {
  const { status } = cause as { status?: number };
  return status === undefined ? "did not answer" : `answered with HTTP ${status}`;
}

/** The message of the foreign error may repeat what was sent: it stays in the cause. */
function unavailable(what: string, cause: unknown): AppError {
  return new AppError(
    "model.unavailable",
    `The transcription endpoint ${what}. Check TRANSCRIBE_BASE_URL, TRANSCRIBE_MODEL and TRANSCRIBE_API_KEY`,
    { cause },
  );
}
