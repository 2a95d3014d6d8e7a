import { jobs } from '#functions/jobs/declared.ts'
import { profilesOf } from './profiles.ts'
import { Attacker } from './attack.ts'
import { mutationsOf, attacksOf, sampleOf } from './mutations.ts'
const [only, size = '60', max = '40'] = process.argv.slice(2)
for (const d of jobs) for (const p of profilesOf(d)) {
  if (only && only !== 'all' && p.name !== only) continue
  let a
  try { a = await Attacker.open(p) } catch (e) { console.log(p.name, String(e).slice(0, 800)); continue }
  const attacks = sampleOf(attacksOf(mutationsOf(a.responses), 1, 2000), 1, Number(size))
  const t = performance.now()
  const all = []
  for (const x of attacks) all.push(...await a.attack(x))
  console.log(p.name, attacks.length, all.length, ((performance.now()-t)/1000).toFixed(1)+'s')
  for (const [k, v] of Map.groupBy(all, f => f.check + ':' + f.subject)) console.log('   ', k, v.length, v[0].attack, '|', v[0].place, '| expected', v[0].expected, '| got', v[0].got)
}
