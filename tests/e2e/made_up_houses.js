// Houses that nobody has to wait for: the page's own view of Home Assistant, with other devices, entities and readings.
(real) => {
  const DOMAIN = "tesla_twc";
  const page = document.querySelector("home-assistant").hass;
  const start = new Date(Date.now() - 60_000).toISOString();
  const day = new Intl.DateTimeFormat("en-CA", { timeZone: page.config.time_zone }).format(new Date());
  const [told, now] = real.charged ?? [0, 0];
  const charge = { id: 1, start, end: null, wall_connector: "Place 1", car: null, energy: told, energy_sun: 0, sun_share: null, cost: null };
  const list = real.charged ? { sessions: [charge], by_day: { [day]: { energy: told + 1, energy_sun: 0 } } } : { sessions: [], by_day: {} };
  const made = { devices: {}, entities: {}, states: {} };
  const device = (id, name, its) => {
    made.devices[id] = {
      id, name, name_by_user: null, identifiers: [[DOMAIN, `bus_${id}`]],
      primary_config_entry: "bus", config_entries: ["bus"], via_device_id: null,
    };
    for (const [key, [platform, state, attributes]] of Object.entries(its)) {
      const entity_id = `${platform}.${id}_${key}`;
      made.entities[entity_id] = { entity_id, device_id: id, platform: DOMAIN, translation_key: key };
      made.states[entity_id] = { entity_id, state: String(state), attributes: attributes ?? {}, last_changed: "" };
    }
  };
  real.connectors.forEach(({ watts, amps, offered }, number) => {
    device(`c${number + 1}`, `Place ${number + 1}`, {
      plugged_in: ["binary_sensor", watts > 0 ? "on" : "off"],
      status: ["sensor", watts > 0 ? "charging" : "ready"],
      charging_power: ["sensor", watts],
      charging_current: ["sensor", amps],
      offered_current: ["sensor", offered],
      charge_mode: ["select", "solar", { options: ["off", "solar", "fast"] }],
      current_limit: ["number", 16, { min: 6, max: 32 }],
      ...(real.charged ? { session_energy: ["sensor", now * 1000, { unit_of_measurement: "Wh", last_reset: start }] } : {}),
      ...(real.withCars ? { car: ["select", "automatic", { recognised_car: `Car ${number + 1}` }] } : {}),
    });
    if (real.withCars) {
      device(`car${number + 1}`, `Car ${number + 1}`, {
        connected_to: ["sensor", `Place ${number + 1}`],
        car_sun_share: ["sensor", 52],
      });
    }
  });
  device("bus", "Bus", {
    connected: ["binary_sensor", "on"], total_power: ["sensor", 0], circuit_limit: ["number", 32, { min: 6, max: 32 }],
    ...Object.fromEntries((real.bus ?? []).map((key) => [key, ["sensor", 1]])),
  });
  for (const id of real.hidden ?? []) made.entities[id].hidden = true;
  const houses = real.house === undefined ? [] : [{
    entry_ids: ["bus"], fuse: null, battery_soc: null, phases: [], entities: {}, ...real.house,
  }];
  const hass = {
    ...page,
    ...made,
    connection: {
      addEventListener() {}, removeEventListener() {},
      async subscribeMessage(told) { setTimeout(() => told({ houses })); return async () => {}; },
    },
    async callWS() { return []; },
    async callService() { return { response: list }; },
  };
  return hass;
}
