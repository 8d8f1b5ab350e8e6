"""Growth, season, diseases, nitrogen, salt."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kampung_cloud.modules.farming import anthracnose, epirice, growth, heat, nitrogen, season, soil
from kampung_cloud.modules.farming.crops import crop, crops
from kampung_cloud.modules.farming.diseases import Disease, diseases
from kampung_contract.errors import InvalidRequest

DAYS = st.lists(
    st.builds(epirice.Weather, temperature=st.floats(15, 38), humidity=st.floats(50, 100), rain=st.floats(0, 60)), min_size=60, max_size=120
)


def second_reading(disease: Disease, weather: list[epirice.Weather]) -> list[tuple[float, float, float, float]]:
    """EPIRICE once more from the equations of Savary et al. 2012, written apart: cohorts by the day of their infection, none of our code.

    Returns healthy, latent, infectious and removed sites by day.
    """

    def table(points: tuple[tuple[float, float], ...], x: float) -> float:
        for (x0, y0), (x1, y1) in pairwise(points):
            if x0 <= x <= x1:
                return y0 * (x1 - x) / (x1 - x0) + y1 * (x - x0) / (x1 - x0)
        return 0.0

    healthy, cohorts, out = disease.first, {}, []
    for t, w in enumerate(weather[:120]):
        age = {day: t - day for day in cohorts}
        latent = sum(n for d, n in cohorts.items() if 0 < age[d] <= disease.latent)
        infectious = sum(n for d, n in cohorts.items() if disease.latent < age[d] <= disease.latent + disease.infectious)
        removed = sum(n for d, n in cohorts.items() if age[d] > disease.latent + disease.infectious)
        out.append((healthy, latent, infectious, removed))
        dis = latent + infectious + removed
        wet = (w.humidity or 0) >= 90 or (w.rain or 0) >= 5
        rc = disease.rate * table(disease.age, t) * table(disease.warmth, w.temperature or 0) * wet
        infected = (
            1.0 if t == disease.onset else infectious * rc * (1 - dis / (healthy + dis)) ** disease.aggregation if t > disease.onset else 0
        )
        infected = min(infected, healthy)
        dying = sum(n for d, n in cohorts.items() if age[d] == disease.latent + disease.infectious)
        healthy += disease.growth * healthy * (1 - (healthy + dis) / disease.most) - disease.senescence * healthy - dying - infected
        healthy = max(0.0, healthy)
        cohorts[t] = infected
    return out


@pytest.mark.parametrize("name", diseases())
@settings(max_examples=12)
@given(weather=DAYS)
def test_epirice_against_a_second_reading(name: str, weather: list[epirice.Weather]) -> None:
    """Both readings of the paper give the same sites on every day of any season."""
    disease = diseases()[name]
    ours = list(epirice.season(disease, weather))
    for day, (healthy, latent, infectious, removed) in zip(ours, second_reading(disease, weather), strict=True):
        assert (day.healthy, day.latent, day.infectious, day.removed) == pytest.approx(
            (healthy, latent, infectious, removed), rel=1e-6, abs=1e-6
        )
        assert 0 <= day.severity <= 1


@pytest.mark.parametrize("name", diseases())
def test_dry_leaves_stay_healthy(name: str) -> None:
    """Without wet days only the first infected site is ever ill; a season without weather is marked so."""
    dry = list(epirice.season(diseases()[name], [epirice.Weather(26, 70, 0)] * 120))
    assert max(d.latent + d.infectious + d.removed for d in dry) <= 1 + 1e-9
    blind = list(epirice.season(diseases()[name], [epirice.Weather(None, None, None)] * 30))
    assert not any(d.known for d in blind)


def test_lowland_blast_is_weak_and_blight_is_strong() -> None:
    """The norms' figures for 27 °C: blast 0.44, bacterial blight 0.9, brown spot 0.94; blast is a disease of the hills."""
    factors = {name: epirice.interpolate(d.warmth, 27) for name, d in diseases().items()}
    assert factors["leaf_blast"] == pytest.approx(0.44)
    assert factors["bacterial_blight"] == pytest.approx(0.9)
    assert factors["brown_spot"] == pytest.approx(0.94)
    assert epirice.interpolate(diseases()["leaf_blast"].warmth, 21) > 0.9


@pytest.mark.parametrize(
    ("humidity", "rain", "wet"), [(90, 0, True), (89.9, 4.9, False), (50, 5, True), (None, 5, True), (None, None, False)]
)
def test_wet_days(humidity: float | None, rain: float | None, wet: bool) -> None:
    """90 % or 5 mm, from both sides."""
    assert epirice.Weather(25, humidity, rain).wet is wet


@given(st.floats(0, 72), st.floats(4, 35), st.floats(1, 100))
def test_anthracnose_is_a_probability(hours: float, temperature: float, rain: float) -> None:
    """And none without rain, whatever the hours."""
    assert 0 <= anthracnose.infection(hours, temperature, rain) <= 1
    assert anthracnose.infection(hours, temperature, 0.9) == 0
    assert anthracnose.word(0.149) == "low"
    assert (anthracnose.word(0.15), anthracnose.word(0.499), anthracnose.word(0.5)) == ("watch", "watch", "act")


@given(st.floats(0, 40), st.floats(0, 20), st.floats(0, 15), st.floats(20, 45))
def test_degree_days_rise_with_warmth(tmin: float, span: float, base: float, cap: float) -> None:
    """A warmer day never counts for less; a day counts from 0 to cap − base."""
    found = growth.degree_days(tmin, tmin + span, base, cap)
    assert 0 <= found <= cap - base
    assert growth.degree_days(tmin, tmin + span + 1, base, cap) >= found
    assert growth.degree_days(tmin + 1, tmin + span + 1, base, cap) >= found


def test_stages_and_what_the_farmer_saw() -> None:
    """At 17.4 °C·day a day maturity comes after 134 days (the norms' check); a report stretches all marks alike, a wild one is refused."""
    assert growth.RICE_STAGES["maturity"] / 17.4 == pytest.approx(134, abs=0.5)
    found = growth.stage_at(1300, growth.RICE_STAGES, 17.4)
    assert (found.stage, found.next) == ("panicle_initiation", "flowering")
    early = growth.corrected(growth.RICE_STAGES, "flowering", 1600)
    assert early["maturity"] == pytest.approx(2333.2 * 1600 / 1746)
    assert growth.stage_at(1600, early, 17.4).stage == "flowering"
    with pytest.raises(ValueError, match="check the planting date"):
        growth.corrected(growth.RICE_STAGES, "flowering", 300)
    with pytest.raises(ValueError, match="expected one of"):
        growth.corrected(growth.RICE_STAGES, "blooming", 1600)


def test_heat_at_flowering() -> None:
    """35 °C counts, 34.9 does not, a missing day is not counted as cool or hot."""
    assert growth.sterile_days([36, 35, 34.9, None, 37], 1, 3) == 1


FIRST = date(2026, 10, 1)


@given(st.lists(st.floats(0, 40), min_size=60, max_size=120), st.data())
def test_onset_needs_three_wet_dasarian(rain: list[float], data: st.DataObject) -> None:
    """Whatever falls: the day found begins three sums of 50 mm; with readings taken away it is never found earlier."""
    found = {FIRST + timedelta(n): mm for n, mm in enumerate(rain)}
    stop = FIRST + timedelta(len(rain))
    sums = season.sums(found, FIRST, stop)
    begin = season.onset(sums)
    if begin is not None:
        at = [s.first for s in sums].index(begin)
        assert all(s.mm >= 50 for s in sums[at : at + 3])
    for day in data.draw(st.lists(st.sampled_from(sorted(found)), unique=True)):
        del found[day]
    later = season.onset(season.sums(found, FIRST, stop))
    assert later is None or (begin is not None and later >= begin)


def test_dasarian_of_every_month() -> None:
    """Three a month; the last has 8 to 11 days; they follow one another without a gap."""
    day, firsts = date(2027, 1, 1), []
    while day < date(2029, 1, 1):
        first, length = season.dasarian_of(day)
        assert first == day
        firsts.append((first, length))
        day += timedelta(length)
    assert len(firsts) == 72
    assert {n for f, n in firsts if f.day == 21} == {8, 9, 10, 11}
    missing = season.Dasarian(FIRST, 10, 49.0, 3)
    assert missing.wet is None
    assert season.Dasarian(FIRST, 10, 50.0, 9).wet is True
    assert season.Dasarian(FIRST, 10, 49.9, 2).wet is False


@pytest.mark.parametrize(("leaf", "target", "urea"), [(3, 5, 75), (3, 8, 150), (3.5, 5, 50), (3.5, 7, 100), (4, 5, 0), (4.5, 8, 0)])
def test_urea_by_leaves(leaf: float, target: int, urea: int) -> None:
    """Ten equal leaves: the table of the ministry; at 4 the crop has enough."""
    assert nitrogen.topdressing([leaf] * 10, 30, target).urea == urea


@given(st.lists(st.sampled_from([2, 2.5, 3, 3.5, 4, 4.5, 5]), min_size=10, max_size=10), st.sampled_from(nitrogen.TARGETS))
def test_paler_leaves_never_get_less(leaves: list[float], target: int) -> None:
    """Nor does a higher target."""
    found = nitrogen.topdressing(leaves, 30, target).urea
    paler = [max(2, leaf - 0.5) for leaf in leaves]
    assert nitrogen.topdressing(paler, 30, target).urea >= found
    assert nitrogen.topdressing(leaves, 30, 8).urea >= found
    assert nitrogen.topdressing(leaves, 24, target).urea == 0


@given(st.sampled_from([c for c in crops().values() if c.salinity]), st.floats(0, 40), st.floats(0, 5))
def test_salt_never_helps(row: object, ece: float, more: float) -> None:
    """From 100 % at the threshold down to nothing."""
    pair = row.salinity  # type: ignore[attr-defined]
    found = soil.relative_yield(ece, pair.threshold, pair.slope)
    assert 0 <= soil.relative_yield(ece + more, pair.threshold, pair.slope) <= found <= 100
    assert soil.relative_yield(pair.threshold, pair.threshold, pair.slope) == 100


def test_conductivity_and_acidity() -> None:
    """EC at 25 °C, and pH from both sides of a window."""
    assert soil.conductivity_at_25(2.0, 25) == 2.0
    assert soil.conductivity_at_25(2.0, 30) < 2.0
    assert [soil.acidity(ph, 6.0, 6.8) for ph in (5.9, 6.0, 6.8, 6.9)] == ["acid", "good", "good", "alkaline"]
    with pytest.raises(ValueError, match="electrode"):
        soil.acidity(14, 6, 7)


def test_crops_are_found_by_their_names() -> None:
    """Indonesian and English; no name means two crops; dragon fruit says what is weak."""
    assert crop(" Cabai ").name == "chili"
    assert crop("buah naga").weak
    names = [n for row in crops().values() for n in (row.name, *row.also)]
    assert len(names) == len(set(names))
    assert {"rice", "chili", "tomato", "maize", "soybean", "coffee", "citrus", "coconut", "banana", "sugarcane", "dragon_fruit"} <= set(
        crops()
    )
    with pytest.raises(InvalidRequest, match="there are: rice"):
        crop("durian")


@given(st.floats(10, 45), st.floats(0, 99))
def test_deficit_falls_with_humidity(temperature: float, humidity: float) -> None:
    """Down to nothing in saturated air."""
    assert heat.vapour_deficit(temperature, humidity + 1) < heat.vapour_deficit(temperature, humidity)
    assert heat.vapour_deficit(temperature, 100) == 0
