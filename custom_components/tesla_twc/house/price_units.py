"""Tells what a price sensor's unit means: hundredths of which currency, for how much energy."""

from enum import StrEnum

from homeassistant.const import (
    PERCENTAGE,
    UnitOfElectricCurrent,
    UnitOfEnergy,
    UnitOfPower,
    UnitOfTemperature,
)
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util.unit_conversion import EnergyConverter

from .foreign_states import number_of, text_of

_SMALL = frozenset({"ct", "cent", "cents", "c", "p", "¢", "øre", "öre", "ore"})
"""Hundredths of a currency, as price sensors spell them."""
_SYMBOLS = {
    "€": {"EUR"},
    "£": {"GBP"},
    "$": {"USD", "AUD", "CAD", "NZD", "SGD"},
    "kr": {"SEK", "NOK", "DKK", "ISK"},
    "fr.": {"CHF"},
    "zł": {"PLN"},
    "kč": {"CZK"},
}
_CODE_LETTERS = 3
_NO_MONEY = frozenset({PERCENTAGE, *UnitOfEnergy, *UnitOfPower, *UnitOfElectricCurrent, *UnitOfTemperature})
"""What a sensor that was chosen by mistake measures: a power of 3 kW is no price of 3 for a kWh."""


class PriceProblem(StrEnum):
    """Why a unit is none of a price in the currency of the house."""

    CURRENCY = "price_currency"
    ENERGY = "price_energy"


def unit_problem(unit: object, currency: str) -> PriceProblem | None:
    """Return what is wrong with a unit; one that says nothing is taken for the currency of the house and a kWh."""
    money, _, energy = (text_of(unit) or "").partition("/")
    if money.strip() in _NO_MONEY:
        return PriceProblem.ENERGY
    if _is_other(money.strip(), currency):
        return PriceProblem.CURRENCY
    return None if not energy or _kwh_of(energy.strip()) is not None else PriceProblem.ENERGY


def price_of(value: object, unit: object, currency: str) -> float | None:
    """Return what a price sensor says as the price of one kWh: EUR/MWh and ct/kWh are turned into EUR/kWh.

    None for no number, and for another currency than that of the house.
    """
    price = number_of(value)
    money, _, energy = (text_of(unit) or "").partition("/")
    if price is None or money.strip() in _NO_MONEY or _is_other(money.strip(), currency):
        return None
    if money.strip().lower() in _SMALL:
        price /= 100.0
    # An energy that nobody knows is taken for a kWh, as the Energy dashboard does.
    return price / (_kwh_of(energy.strip()) or 1.0)


def _kwh_of(energy: str) -> float | None:
    try:
        return EnergyConverter.convert(1.0, energy, UnitOfEnergy.KILO_WATT_HOUR)
    except HomeAssistantError:
        return None


def _is_other(money: str, currency: str) -> bool:
    """Whether this names a currency, and not the one of the house. What names none says nothing."""
    if (of := _SYMBOLS.get(money.lower())) is not None:
        return currency not in of
    is_code = len(money) == _CODE_LETTERS and money.isalpha() and money.isupper()
    return is_code and money != currency
