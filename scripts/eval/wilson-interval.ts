/** 97.5 % quantile of the normal distribution, for a two-sided interval of 95 %. */
const z = 1.959_964;

/**
 * The 95 % interval of a share of which `hits` of `total` were seen, by Wilson's score (1927): holds for small
 * samples and near 0 and 1, where the usual formula does not. The whole range where nothing was seen.
 */
export function wilsonInterval(hits: number, total: number): { low: number; high: number } {
  if (total === 0) return { low: 0, high: 1 };
  const share = hits / total;
  const square = z ** 2;
  const centre = share + square / (2 * total);
  const spread = z * Math.sqrt((share * (1 - share)) / total + square / (4 * total ** 2));
  const scale = 1 + square / total;
  return { low: Math.max(0, (centre - spread) / scale), high: Math.min(1, (centre + spread) / scale) };
}
