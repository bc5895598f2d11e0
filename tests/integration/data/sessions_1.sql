BEGIN TRANSACTION;
CREATE TABLE session (
    bus TEXT NOT NULL,
    key TEXT NOT NULL,
    twcid TEXT NOT NULL,
    start REAL NOT NULL,
    end REAL,
    data TEXT NOT NULL,
    PRIMARY KEY (bus, key)
);
INSERT INTO "session" VALUES('bus','3495-1','3495',1789941600.0,1789956000.0,'{"key":"3495-1","twcid":"3495","start":1789941600.0,"end":1789956000.0,"seen":1789956000.0,"vin":"5YJ3E7EB0KF000001","start_kwh":100.0,"end_kwh":110.2,"measured":{"sun":2.0,"battery":1.0,"grid":7.0,"unknown":0.0},"measured_cost":{"sun":0.16,"battery":0.08,"grid":2.1,"unknown":0.0},"measured_saved":0.66,"windows":[{"start":1789945200.0,"end":1789950600.0,"reason":"finished"},{"start":1789952400.0,"end":1789954200.0,"reason":"car_full"}],"charging_seconds":7200.0,"ampere_seconds":115200.0,"peak_amps":16.0,"phases":3}');
INSERT INTO "session" VALUES('bus','3495-2','3495',1790035200.0,NULL,'{"key":"3495-2","twcid":"3495","start":1790035200.0,"seen":1790038800.0,"start_kwh":110.2,"end_kwh":115.2,"measured":{"sun":0.0,"battery":0.0,"grid":4.9,"unknown":0.0},"windows":[{"start":1790035200.0,"end":null,"reason":null}],"charging_seconds":3500.0,"gap_seconds":3600,"gap_kwh":0.2}');
INSERT INTO "session" VALUES('bus','6388-1','6388',1789948810.0,1789948820.0,'{"key":"6388-1","twcid":"6388","start":1789948810.0,"end":1789948820.0,"seen":1789948820.0,"start_kwh":50.0,"end_kwh":53.0,"gap_seconds":10,"gap_kwh":3.0,"reconstructed":true}');
INSERT INTO "session" VALUES('bus','odd','3495',5.0,NULL,'{"key": 1}');
CREATE INDEX session_start ON session (start);
CREATE INDEX session_place ON session (bus, twcid, start);
CREATE INDEX session_open ON session (bus) WHERE end IS NULL;
COMMIT;
PRAGMA user_version = 1;
