"""A house with solar panels that is the same whenever it is asked."""

from twc.simulator.house import House

NOON, MIDNIGHT, DAY = 13.25 * 3600, 0.5 * 3600, 86_400.0


def test_the_sun_shines_at_noon_and_not_at_night():
    house = House(cloudiness=0.0)
    assert house.read(NOON).solar_watts == 9000
    assert house.read(MIDNIGHT).solar_watts == 0
    assert 0 < house.read(7 * 3600).solar_watts < 2000


def test_clouds_take_sun_away_but_never_all_of_it():
    clear, cloudy = House(cloudiness=0.0), House(cloudiness=0.6)
    shares = [
        cloudy.read(day * DAY + NOON).solar_watts / clear.read(day * DAY + NOON).solar_watts
        for day in range(200)
    ]
    assert min(shares) >= 0.4
    assert min(shares) < 0.7
    assert max(shares) > 0.95


def test_what_is_not_used_goes_to_the_grid_and_what_is_missing_comes_from_it():
    house = House()
    for hour in range(48):
        reading = house.read(hour * 3600)
        assert reading.grid_watts == reading.consumption_watts - reading.solar_watts
        assert reading.consumption_watts >= house.base_watts
    assert house.read(MIDNIGHT).grid_watts > 0


def test_wall_connectors_are_part_of_the_consumption():
    house = House()
    idle, charging = house.read(NOON), house.read(NOON, wall_connector_watts=11_000)
    assert charging.grid_watts - idle.grid_watts == 11_000


def test_the_same_moment_gives_the_same_reading_and_the_next_second_a_similar_one():
    house = House()
    assert house.read(NOON) == House().read(NOON)
    for second in range(0, 3600, 7):
        here, next_second = house.read(NOON + second), house.read(NOON + second + 1)
        assert abs(here.solar_watts - next_second.solar_watts) < 60
        assert abs(here.consumption_watts - next_second.consumption_watts) < 10
