/** Names under which the page keeps things on the phone. */
export const tokenKey = "niangjia.token";
export const draftKey = "niangjia.draft";
export const outboxKey = "niangjia.outbox";
export const trayKey = "niangjia.tray";
export const identifiedKey = "niangjia.identified";
export const largeTypeKey = "niangjia.large-type";
export const aboutKey = "niangjia.about";
