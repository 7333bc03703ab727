/** Where a passage comes from, a rule or a report a line. */
export function SourceLines({ source }: { readonly source: string }) {
  return (
    <span class="source-lines">
      {source.split("；").map((line) => (
        <small key={line}>{line}</small>
      ))}
    </span>
  );
}
