export { LogicRunner, type LogicOptions } from './logic-runner.js';
export { LOGIC_PREFIX, logicJson, readLogic, type LogicState } from './logic-state.js';
export { Programs } from './programs.js';
export { LogicError, Sandbox } from './sandbox.js';
export { takeStep, type StepContext } from './step.js';
export { logicViews } from './view.js';
