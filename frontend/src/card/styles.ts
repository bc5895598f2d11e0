/** How the card looks: in the colours of the theme, light or dark, from 300 px to as wide as it gets. */
import { css } from "lit";

export const styles = css`
  :host {
    display: block;
    container-type: inline-size;
    --sun: var(--energy-solar-color, #ff9800);
    --grid: var(--energy-grid-consumption-color, #488fc2);
    --battery: var(--energy-battery-out-color, #4db6ac);
    --cars: var(--primary-color, #03a9f4);
    --line: var(--divider-color, #e0e0e0);
  }
  ha-card {
    padding: 16px;
    display: flex;
    flex-direction: column;
    gap: 16px;
    color: var(--primary-text-color);
  }
  h2, h3, p, dl, dd, ul { margin: 0; }
  h2 { font-size: 1.4rem; font-weight: 400; line-height: 1.3; }
  h3 { font-size: 1rem; font-weight: 500; line-height: 1.4; }
  section { display: flex; flex-direction: column; gap: 8px; }
  .quiet { color: var(--secondary-text-color); }
  .unseen {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  button {
    font: inherit;
    color: inherit;
    background: none;
    border: 0;
    cursor: pointer;
    text-align: start;
  }
  button:disabled, input:disabled { cursor: default; opacity: 0.5; }
  :is(button, input, summary):focus-visible {
    outline: 2px solid var(--primary-text-color);
    outline-offset: 2px;
  }

  .flow {
    position: relative;
    display: grid;
    grid-template-columns: minmax(0, 2fr) minmax(28px, 1fr) minmax(0, 3fr);
    gap: 0;
  }
  .flow.bare { grid-template-columns: 1fr; }
  .flow.bare .side:first-child { display: none; }
  .side { display: flex; flex-direction: column; justify-content: space-around; }
  .node {
    box-sizing: border-box;
    height: 72px;
    min-width: 0;
    padding: 4px 8px;
    display: flex;
    align-items: center;
    gap: 8px;
    border: 1px solid var(--line);
    border-radius: 12px;
  }
  button.node:hover { background: color-mix(in srgb, var(--primary-text-color) 6%, transparent); }
  .node ha-icon { flex: none; --mdc-icon-size: 22px; color: var(--secondary-text-color); }
  .node.sun, .node.surplus { border-color: var(--sun); }
  .node.grid { border-color: var(--grid); }
  .node.battery { border-color: var(--battery); }
  .node.car { border-color: var(--cars); }
  .node.idle { border-color: var(--line); }
  .words { min-width: 0; flex: 1; display: flex; flex-direction: column; line-height: 1.25; }
  .words .name, .words .value, .words .detail { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
  .words .name { font-size: 0.8rem; color: var(--secondary-text-color); }
  .words .value { font-size: 0.95rem; }
  .words .detail { font-size: 0.75rem; color: var(--secondary-text-color); }
  .bar { position: relative; height: 4px; margin-top: 3px; border-radius: 2px; background: var(--line); overflow: hidden; }
  .bar span { position: absolute; inset: 0 auto 0 0; border-radius: 2px; transition: width 0.6s; }
  .bar .offered { background: color-mix(in srgb, var(--cars) 35%, transparent); }
  .bar .drawn { background: var(--cars); }

  .ribbons { width: 100%; overflow: visible; }
  .ribbon { opacity: 0.35; fill: var(--from); }
  .ribbons .sun, .ribbons .surplus { --from: var(--sun); }
  .ribbons .grid { --from: var(--grid); }
  .ribbons .battery { --from: var(--battery); }
  .current {
    fill: none;
    stroke: var(--from);
    stroke-width: 2;
    vector-effect: non-scaling-stroke;
    stroke-dasharray: 6 14;
    animation: run 1.4s linear infinite;
  }
  @keyframes run { to { stroke-dashoffset: -20; } }

  .legend { display: flex; flex-wrap: wrap; gap: 4px 16px; font-size: 0.9rem; }
  .legend span::before {
    content: "";
    display: inline-block;
    width: 10px;
    height: 10px;
    margin-inline-end: 6px;
    border-radius: 3px;
    background: var(--sun);
  }
  .legend .cars::before { background: var(--cars); }
  .today { width: 100%; height: 80px; border-bottom: 1px solid var(--line); }
  .today .hour { stroke: var(--line); vector-effect: non-scaling-stroke; }
  .today .sun { fill: color-mix(in srgb, var(--sun) 45%, transparent); }
  .today .cars { fill: color-mix(in srgb, var(--cars) 70%, transparent); }
  .hours { display: flex; justify-content: space-between; font-size: 0.75rem; color: var(--secondary-text-color); }

  .connector + .connector { border-top: 1px solid var(--line); padding-top: 12px; }
  .sentence { line-height: 1.45; }
  .departure { font-size: 0.9rem; color: var(--secondary-text-color); }
  .departure ha-icon { --mdc-icon-size: 18px; }
  summary { cursor: pointer; font-size: 0.9rem; color: var(--secondary-text-color); padding: 4px 0; }
  dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(220px, 1fr)); gap: 2px 24px; font-size: 0.85rem; }
  dl div { display: flex; justify-content: space-between; gap: 8px; border-bottom: 1px solid var(--line); padding: 3px 0; }
  dt { color: var(--secondary-text-color); }
  dd { text-align: end; }

  .modes { display: grid; grid-template-columns: repeat(3, minmax(0, 1fr)); gap: 8px; }
  .mode {
    display: flex;
    flex-direction: column;
    align-items: center;
    gap: 4px;
    min-height: 56px;
    padding: 8px 4px;
    border: 1px solid var(--line);
    border-radius: 12px;
    font-size: 0.8rem;
    line-height: 1.2;
    text-align: center;
  }
  .mode ha-icon { --mdc-icon-size: 22px; }
  .mode:hover:not(:disabled) { background: color-mix(in srgb, var(--primary-text-color) 6%, transparent); }
  .mode[aria-pressed="true"] {
    border-color: var(--cars);
    box-shadow: inset 0 0 0 1px var(--cars);
    background: color-mix(in srgb, var(--cars) 18%, transparent);
    font-weight: 500;
  }

  .limit { display: flex; align-items: center; gap: 12px; }
  .limit .title { flex: none; font-size: 0.9rem; }
  .limit input[type="range"] {
    flex: 1;
    min-width: 60px;
    height: 32px;
    margin: 0;
    appearance: none;
    background: none;
    cursor: pointer;
  }
  input[type="range"]::-webkit-slider-runnable-track {
    height: 8px;
    border-radius: 4px;
    background: linear-gradient(to right, var(--cars) var(--at), var(--line) var(--at));
  }
  input[type="range"]::-moz-range-track { height: 8px; border-radius: 4px; background: var(--line); }
  input[type="range"]::-moz-range-progress { height: 8px; border-radius: 4px; background: var(--cars); }
  input[type="range"]::-webkit-slider-thumb {
    appearance: none;
    width: 22px;
    height: 22px;
    margin-top: -7px;
    border-radius: 50%;
    border: 3px solid var(--card-background-color, #fff);
    background: var(--cars);
    box-shadow: 0 0 0 1px var(--cars);
  }
  .limit .figure { flex: none; font-size: 0.95rem; }
  .limit input[type="number"] {
    width: 3.4em;
    padding: 6px;
    font: inherit;
    color: inherit;
    text-align: end;
    background: none;
    border: 1px solid var(--secondary-text-color);
    border-radius: 8px;
  }

  table { width: 100%; border-collapse: collapse; font-size: 0.875rem; }
  th { font-weight: 500; text-align: start; color: var(--secondary-text-color); }
  th, td { padding: 6px 4px; border-bottom: 1px solid var(--line); }
  tbody tr:last-child td { border-bottom: 0; }
  th.figure, td.figure { text-align: end; font-variant-numeric: tabular-nums; }

  @container (min-width: 560px) {
    .modes { grid-template-columns: repeat(6, minmax(0, 1fr)); }
  }
  @container (max-width: 420px) {
    .limit { flex-wrap: wrap; }
    .limit .title { width: 100%; }
    .node { padding: 4px 6px; gap: 6px; }
    .flow { grid-template-columns: minmax(0, 2.2fr) minmax(22px, 0.8fr) minmax(0, 3.2fr); }
    th, td { padding: 6px 2px; font-size: 0.8rem; }
  }
  @media (prefers-reduced-motion: reduce) {
    .current { animation: none; }
    .bar span { transition: none; }
  }
`;
