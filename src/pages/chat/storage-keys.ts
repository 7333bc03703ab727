/** Names under which the page keeps things on the phone. */
export const tokenKey = "niangjia.token";
export const draftKey = "niangjia.draft";
export const largeTypeKey = "niangjia.large-type";
export const aboutKey = "niangjia.about";
