import type { Connection } from "../message-stream.ts";
import { texts } from "../texts.ts";

interface Props {
  readonly connection: Connection;
  readonly onReconnect: () => void;
}

/** Says calmly that the server cannot be reached; silent otherwise. */
export function ConnectionLine({ connection, onReconnect }: Props) {
  return (
    <div role="status">
      {connection === "offline" && (
        <p class="connection">
          <span>{texts.offline}</span>
          <button type="button" class="link" onClick={onReconnect}>
            {texts.reconnect}
          </button>
        </p>
      )}
    </div>
  );
}
