import type { BundlePlayer } from './bundle.ts'

/** Every feature in one player: the listed ones, the rest alone. In the order of the first feature that each holds. */
export function arrangePlayers(
  features: readonly { readonly name: string }[],
  listed: readonly { readonly name: string; readonly features: readonly string[] }[],
): BundlePlayer[] {
  const names = features.map(({ name }) => name)
  const groups = listed.map((player) => ({
    name: player.name,
    features: player.features.map((feature) => names.indexOf(feature)),
  }))
  const grouped = new Set(groups.flatMap((group) => group.features))
  const singles = names.map((name, index) => ({ name, features: [index] })).filter((_, index) => !grouped.has(index))
  return [...groups, ...singles].toSorted((a, b) => Math.min(...a.features) - Math.min(...b.features))
}
