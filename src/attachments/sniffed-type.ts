/** What a file is, by its content. `harmful`: a program, a script or a web page; `unknown`: nothing known here. */
export type SniffedType = { readonly mimeType: string } | "harmful" | "unknown";
