BEGIN TRANSACTION;
CREATE TABLE base (
    statistic TEXT PRIMARY KEY,
    sum REAL NOT NULL
) WITHOUT ROWID;
CREATE TABLE due (
    bus TEXT NOT NULL,
    twcid TEXT NOT NULL,
    start INTEGER NOT NULL,
    changes INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (bus, twcid)
) WITHOUT ROWID;
INSERT INTO "due" VALUES('bus','3495',1790035200,2);
CREATE TABLE fault (
    bus TEXT NOT NULL,
    twcid TEXT NOT NULL,
    problem TEXT NOT NULL,
    PRIMARY KEY (bus, twcid)
) WITHOUT ROWID;
CREATE TABLE hour (
    start INTEGER NOT NULL,
    bus TEXT NOT NULL,
    key TEXT NOT NULL,
    twcid TEXT NOT NULL,
    began REAL NOT NULL,
    sun REAL NOT NULL,
    battery REAL NOT NULL,
    grid REAL NOT NULL,
    unknown REAL NOT NULL,
    cost REAL,
    saved REAL,
    seconds REAL NOT NULL,
    PRIMARY KEY (start, bus, key)
) WITHOUT ROWID;
INSERT INTO "hour" VALUES(1789945200,'bus','3495-1','3495',1789945200.0,2.5,0.0,2.5,0.0,0.75,0.0,0.0);
INSERT INTO "hour" VALUES(1789948800,'bus','3495-1','3495',1789945200.0,2.5,0.0,2.5,0.0,0.75,0.0,0.0);
INSERT INTO "hour" VALUES(1789952400,'bus','3495-1','3495',1789945200.0,0.0,0.0,0.0,0.0,0.0,0.0,7200.0);
INSERT INTO "hour" VALUES(1789956000,'bus','3495-2','3495',1789956000.0,1.5,0.0,1.5,0.0,0.44999999999999996,0.0,0.0);
INSERT INTO "hour" VALUES(1789959600,'bus','3495-2','3495',1789956000.0,0.0,0.0,0.0,0.0,0.0,0.0,3600.0);
INSERT INTO "hour" VALUES(1789963200,'bus','3495-3','3495',1789963200.0,2.5,0.0,2.5,0.0,0.75,0.0,0.0);
INSERT INTO "hour" VALUES(1789966800,'bus','3495-3','3495',1789963200.0,0.0,0.0,0.0,0.0,0.0,0.0,3600.0);
CREATE TABLE session (
    bus TEXT NOT NULL,
    key TEXT NOT NULL,
    twcid TEXT NOT NULL,
    start REAL NOT NULL,
    end REAL,
    data TEXT NOT NULL, hours TEXT,
    PRIMARY KEY (bus, key)
);
INSERT INTO "session" VALUES('bus','3495-1','3495',1789945200.0,1789952400.0,'{"key":"3495-1","twcid":"3495","start":1789945200.0,"end":1789952400.0,"seen":1789952400.0,"car":"01JCAR","car_by":"vin","start_kwh":100.0,"end_kwh":110.0,"measured":{"sun":5.0,"battery":0.0,"grid":5.0,"unknown":0.0},"measured_cost":{"sun":0.0,"battery":0.0,"grid":1.5,"unknown":0.0},"windows":[{"start":1789945200.0,"end":1789952400.0,"reason":"finished"}],"charging_seconds":7200.0}','[[1789945200,2.5,0.0,2.5,0.0,0.0,0.75,0.0,0.0],[1789948800,2.5,0.0,2.5,0.0,0.0,0.75,0.0,0.0]]');
INSERT INTO "session" VALUES('bus','3495-2','3495',1789956000.0,1789959600.0,'{"key":"3495-2","twcid":"3495","start":1789956000.0,"end":1789959600.0,"seen":1789959600.0,"start_kwh":100.0,"end_kwh":103.0,"measured":{"sun":1.5,"battery":0.0,"grid":1.5,"unknown":0.0},"measured_cost":{"sun":0.0,"battery":0.0,"grid":0.44999999999999996,"unknown":0.0},"windows":[{"start":1789956000.0,"end":1789959600.0,"reason":"finished"}],"charging_seconds":3600.0}','[[1789956000,1.5,0.0,1.5,0.0,0.0,0.44999999999999996,0.0,0.0]]');
INSERT INTO "session" VALUES('bus','3495-3','3495',1789963200.0,1789966800.0,'{"key":"3495-3","twcid":"3495","start":1789963200.0,"end":1789966800.0,"seen":1789966800.0,"car":"01JCAR","car_by":"hand","start_kwh":100.0,"end_kwh":105.0,"measured":{"sun":2.5,"battery":0.0,"grid":2.5,"unknown":0.0},"measured_cost":{"sun":0.0,"battery":0.0,"grid":0.75,"unknown":0.0},"windows":[{"start":1789963200.0,"end":1789966800.0,"reason":"finished"}],"charging_seconds":3600.0,"note":"kept"}','[[1789963200,2.5,0.0,2.5,0.0,0.0,0.75,0.0,0.0]]');
CREATE TABLE told (
    start REAL NOT NULL,
    bus TEXT NOT NULL,
    key TEXT NOT NULL,
    told TEXT NOT NULL,
    PRIMARY KEY (start, bus, key)
) WITHOUT ROWID;
INSERT INTO "told" VALUES(1789945200.0,'bus','3495-1','{"id":"3495-1","wall_connector":"3495","start":1789945200.0,"end":1789952400.0,"vin":null,"car":"01JCAR","refused":null,"energy":10.0,"energy_sun":5.0,"energy_battery":0.0,"energy_grid":5.0,"energy_unknown":0.0,"sun_share":50.0,"cost":1.5,"saved":0.0,"counter_start":100.0,"counter_end":110.0,"charging_seconds":7200,"average_current":0.0,"peak_current":0.0,"phases":null,"starts":1,"windows":[{"start":1789945200.0,"end":1789952400.0,"reason":"finished"}],"data_gap_seconds":0,"data_gap_energy":0.0,"reconstructed":false,"note":""}');
INSERT INTO "told" VALUES(1789956000.0,'bus','3495-2','{"id":"3495-2","wall_connector":"3495","start":1789956000.0,"end":1789959600.0,"vin":null,"car":null,"refused":null,"energy":3.0,"energy_sun":1.5,"energy_battery":0.0,"energy_grid":1.5,"energy_unknown":0.0,"sun_share":50.0,"cost":0.45,"saved":0.0,"counter_start":100.0,"counter_end":103.0,"charging_seconds":3600,"average_current":0.0,"peak_current":0.0,"phases":null,"starts":1,"windows":[{"start":1789956000.0,"end":1789959600.0,"reason":"finished"}],"data_gap_seconds":0,"data_gap_energy":0.0,"reconstructed":false,"note":""}');
INSERT INTO "told" VALUES(1789963200.0,'bus','3495-3','{"id":"3495-3","wall_connector":"3495","start":1789963200.0,"end":1789966800.0,"vin":null,"car":"01JCAR","refused":null,"energy":5.0,"energy_sun":2.5,"energy_battery":0.0,"energy_grid":2.5,"energy_unknown":0.0,"sun_share":50.0,"cost":0.75,"saved":0.0,"counter_start":100.0,"counter_end":105.0,"charging_seconds":3600,"average_current":0.0,"peak_current":0.0,"phases":null,"starts":1,"windows":[{"start":1789963200.0,"end":1789966800.0,"reason":"finished"}],"data_gap_seconds":0,"data_gap_energy":0.0,"reconstructed":false,"note":"kept"}');
CREATE INDEX session_start ON session (start);
CREATE INDEX session_place ON session (bus, twcid, start);
CREATE INDEX session_open ON session (bus) WHERE end IS NULL;
COMMIT;
PRAGMA user_version = 2;
