export { factorCholesky, invertCholesky, solveCholesky } from './cholesky.ts'
export { createRandom, type Random } from './random.ts'
export { studentHalfWidth } from './student-t.ts'
