interface Named {
  readonly features: readonly { readonly name: string; readonly values: Readonly<Record<string, string>> }[]
  readonly players: readonly { readonly name: string; readonly features: readonly string[] }[]
}

export type Ill = (path: readonly PropertyKey[], message: string) => void

/** Names in bundle.yaml that contradict each other; `ill` takes the place of each. */
export function checkNames(bundle: Named, ill: Ill): void {
  checkFeatures(bundle, ill)
  checkPlayers(bundle, ill)
}

function checkFeatures({ features }: Named, ill: Ill): void {
  const names = features.map(({ name }) => name)
  names.forEach((name, i) => {
    const first = names.indexOf(name)
    if (first < i) ill(['features', i, 'name'], `${name} is feature ${first + 1} already; name each feature once`)
  })
  features.forEach(({ values }, i) => {
    for (const code of Object.keys(values))
      if (String(Number(code)) !== code)
        ill(['features', i, 'values', code], `no value is written so; write the code as a plain number, such as "1"`)
  })
}

function checkPlayers({ features, players }: Named, ill: Ill): void {
  const known = new Set(features.map(({ name }) => name))
  const playerOf = new Map<string, string>()
  players.forEach((player, i) =>
    player.features.forEach((feature, j) => {
      const path = ['players', i, 'features', j]
      const other = playerOf.get(feature)
      if (!known.has(feature)) ill(path, `there is no feature ${feature}; write a name that stands under features`)
      else if (other !== undefined)
        ill(path, `${feature} is in player ${other} already; a feature belongs to one player`)
      playerOf.set(feature, player.name)
    }),
  )

  const taken = new Set([...known].filter((feature) => !playerOf.has(feature)))
  players.forEach(({ name }, i) => {
    if (taken.has(name))
      ill(['players', i, 'name'], `${name} is the name of another player or feature; choose one of its own`)
    taken.add(name)
  })
}
