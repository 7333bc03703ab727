import type { AlertWay } from "./alerts.ts";

/** Sends each alert as a line of text, such as by a bot to a chat. `sendText` rejects where it was not taken. */
export function messageAlerts(
  name: string,
  sendText: (text: string, signal: AbortSignal) => Promise<void>,
): AlertWay {
  return { name, deliver: (alert, signal) => sendText(alert.text, signal) };
}
