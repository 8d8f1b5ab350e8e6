"""A planned message in words. Everybody who is told the same in the same language gets the same words, made once."""

from __future__ import annotations

from collections.abc import Mapping

from kampung_contract.alarm import Alarm

from kampung_cloud.config import CloudConfig
from kampung_cloud.messages.chain import Message
from kampung_cloud.messages.classes import class_of
from kampung_cloud.messages.identity import reply_code
from kampung_cloud.messages.person import Person
from kampung_cloud.words import Said, Saying, render


class Wording:
    """For the messages of one moment; ``alarms`` as they are then."""

    def __init__(self, config: CloudConfig, alarms: Mapping[str, Alarm]) -> None:
        self._config, self._alarms = config, alarms
        self._rules = {rule.id: rule for rule in config.rule}
        self._codes: dict[tuple[object, ...], str] = {}
        self._said: dict[tuple[object, ...], Said] = {}

    def code(self, message: Message, person: Person) -> str:
        """What he answers with; empty where his answer acknowledges nothing."""
        if message.kind in ("resolved", "cancelled"):
            return ""
        key = (message.group, person.role, message.alarms)
        if key not in self._codes:
            stands = [self._alarms[name] for name in message.alarms if message.kind != "digest" or self._alarms[name].until is None]
            asked = any(person.answers(alarm.about) for alarm in stands)
            self._codes[key] = reply_code(message.group, message.alarms) if asked else ""
        return self._codes[key]

    def said(self, message: Message, person: Person) -> Said:
        """Title, text and short form."""
        code = self.code(message, person)
        key = (message.kind, message.alarms, message.lines, person.language, person.village, code)
        if key not in self._said:
            self._said[key] = render(self._saying(message, person, code), person.language)
        return self._said[key]

    def _saying(self, message: Message, person: Person, code: str) -> Saying:
        alarms = tuple(self._alarms[name] for name in message.alarms)
        village = person.village or (alarms[0].village if len({a.village for a in alarms}) == 1 else "")
        until = None
        if alarms and message.kind in ("raised", "worse", "repeat", "escalated"):
            until = message.created + min(class_of(a).repeat_ms for a in alarms)
        return Saying(
            kind=message.kind,
            alarms=alarms,
            village=village,
            code=code,
            contact=self._config.messages.call(village),
            until=until,
            rules=self._rules,
            ispu=self._config.cap.ispu,
            drill=bool(alarms) and all(self._config.cap.drill(a.rule) for a in alarms),
            at=message.created,
            lines=message.lines,
        )
