export { addOutputs, addPairDifferences, addValues, placeRows } from './inference'
export { addGradients, moveParameters } from './training'
