import {
  adwinPerFeature,
  anyFeatureAbove,
  pageHinkleyPerFeature,
  windowBelow,
} from './comparison/comparison-detectors.ts'
import { describeDriftDetector } from './describe-drift-detector.test-data.ts'
import { createEDetector } from './evidence/e-detector.ts'

describeDriftDetector((baseline) => createEDetector([{ name: '', baseline }], { runLength: 200 }))
describeDriftDetector((baseline) => anyFeatureAbove('KS at .001', baseline, ({ ksPValue }) => 1 - ksPValue, 0.999))
describeDriftDetector((baseline) => anyFeatureAbove('PSI above .5', baseline, ({ psi }) => psi, 0.5))
describeDriftDetector((baseline) => windowBelow('nDCG below .95', baseline, ({ ndcg }) => ndcg, 0.95))
describeDriftDetector((baseline) => windowBelow('Spearman below .9', baseline, ({ spearman }) => spearman, 0.9))
describeDriftDetector((baseline) => adwinPerFeature(baseline, { delta: 0.002, clock: 1 }))
describeDriftDetector((baseline) => pageHinkleyPerFeature(baseline, { ignored: 0.01, threshold: 0.1, grace: 10 }))
