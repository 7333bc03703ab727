import type { AlertWay } from "./alert.ts";

/**
 * Posts each alert as JSON (`{type, channel, since, text, …}`) to an address that the operator named. Any answer
 * but 2xx counts as not taken; redirects are not followed.
 */
export function webhookAlerts(url: string): AlertWay {
  return {
    name: "webhook",
    deliver: async (alert, signal) => {
      const response = await fetch(url, {
        method: "POST",
        headers: { "Content-Type": "application/json; charset=utf-8", "User-Agent": "niangjia" },
        body: JSON.stringify(alert),
        redirect: "manual",
        signal,
      });
      // What it says is of no use here; unread, it would keep the connection.
      await response.body?.cancel();
      if (!response.ok) throw new Error(`The address for alerts answers ${response.status}.`);
    },
  };
}
