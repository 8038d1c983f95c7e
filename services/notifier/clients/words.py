"""What a person reads in mail and chat, in Chinese or English. No name and no phone number is in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from contracts import reference
from contracts.notifier import DigestIssued, ReminderIssued
from services.notifier.domain import Errand

Texts = Mapping[str, str]

PLAIN_TITLE: Texts = {"zh": "水闸通知：{type}", "en": "Sluicegate: {type}"}
PLAIN_BODY: Texts = {
    "zh": "事件：{type}\n申报编号：{filing}\n宗地代码：{parcel}\n",
    "en": "Event: {type}\nFiling: {filing}\nParcel: {parcel}\n",
}
REMINDER_TITLE: Texts = {"zh": "水闸催办：{kind}，{due} 届满", "en": "Sluicegate reminder: {kind}, due {due}"}
REMINDER_BODY: Texts = {
    "zh": "{step}\n事项：{kind}\n编号：{record}\n届满日：{due}\n镇（街道）：{township}\n申报编号：{filing}\n宗地代码：{parcel}\n",
    "en": "{step}\nMatter: {kind}\nRecord: {record}\nDue: {due}\nTownship: {township}\nFiling: {filing}\nParcel: {parcel}\n",
}
DIGEST_TITLE: Texts = {"zh": "水闸周报（{whose}）：{since} 至 {until}", "en": "Sluicegate weekly digest ({whose}): {since} to {until}"}
DIGEST_BLOCK: Texts = {
    "zh": "  {block}　宗地 {parcel}　{since} 设立，待 {units} 确认\n",
    "en": "  {block}, parcel {parcel}, imposed {since}, not acknowledged by {units}\n",
}
UNACKNOWLEDGED: Texts = {"zh": "未确认的限制：\n", "en": "Blocks not acknowledged:\n"}
CALENDAR_MISSING: Texts = {
    "zh": "国务院尚未公布该周的工作日安排，周报在该周结束后发出。\n",
    "en": "No calendar of working days is published for that week: issued when the week was over.\n",
}
UNCONFIRMED: Texts = {
    "zh": "所依据的政策集 {policy} 的现行效力尚无人确认。\n",
    "en": "Nobody has confirmed that the papers of policy set {policy} still stand.\n",
}
IDS: Texts = {"zh": "事件编号：{event}\n送达编号：{delivery}\n", "en": "Event id: {event}\nDelivery id: {delivery}\n"}

KINDS: Mapping[str, Texts] = {
    "registration": {"zh": "登记期限", "en": "registration period"},
    "correction": {"zh": "补正期限", "en": "correction period"},
    "statement_request": {"zh": "出具产权说明", "en": "property-right statement to be issued"},
    "list_entry": {"zh": "清单整改", "en": "list entry to be put right"},
    "acknowledgement": {"zh": "确认用电限制", "en": "block to be acknowledged"},
}
STEPS: Mapping[str, Texts] = {
    "owner": {"zh": "即将届满，请及时办理。", "en": "It falls due: please act."},
    "township": {"zh": "已经逾期，请镇（街道）负责人督办。", "en": "It is overdue: for the township's leader to look at."},
    "supervision_group": {
        "zh": "逾期超过两个工作日，请督查指导组督办。",
        "en": "More than two working days overdue: for the supervision group to look at.",
    },
}
FIGURES: Mapping[str, Texts] = {
    "held": {"zh": "待办申请", "en": "filings held"},
    "overdue": {"zh": "逾期事项", "en": "overdue"},
    "without_day": {"zh": "无法确定届满日", "en": "without a day, no calendar"},
    "unacknowledged": {"zh": "未确认限制", "en": "blocks not acknowledged"},
    "blocks_imposed": {"zh": "新设限制", "en": "blocks imposed"},
    "blocks_lifted": {"zh": "解除限制", "en": "blocks lifted"},
    "breaches": {"zh": "违规接电", "en": "breaches"},
    "exhausted": {"zh": "未送达", "en": "not delivered"},
    "no_endpoint": {"zh": "无接收端", "en": "without an endpoint"},
}
WHOLE_CITY: Texts = {"zh": "全市", "en": "whole city"}
NOWHERE: Texts = {"zh": "镇（街道）不明", "en": "township not known"}


def title_of(errand: Errand) -> str:
    """One line."""
    return _message(errand)[0]


def body_of(errand: Errand) -> str:
    """The text under it, with the ids by which it is found in the ledger."""
    ids = IDS[errand.endpoint.lang].format(event=errand.event_id, delivery=errand.delivery_id)
    return _message(errand)[1] + ids


def _message(errand: Errand) -> tuple[str, str]:
    lang = errand.endpoint.lang
    if errand.event_type == ReminderIssued.type:
        return _reminder(orjson.loads(errand.body)["data"], lang)
    if errand.event_type == DigestIssued.type:
        return _digest(orjson.loads(errand.body)["data"], lang)
    given = {"type": errand.event_type, "filing": errand.filing_id or "-", "parcel": errand.parcel_code or "-"}
    return PLAIN_TITLE[lang].format(**given), PLAIN_BODY[lang].format(**given)


def _reminder(said: Mapping[str, Any], lang: str) -> tuple[str, str]:
    given = {
        "kind": KINDS[said["kind"]][lang],
        "step": STEPS[said["escalation"]][lang],
        "record": said["record_id"],
        "due": said["due"],
        "township": _township(said["township_code"], lang),
        "filing": said["filing_id"] or "-",
        "parcel": said["parcel_code"] or "-",
    }
    return REMINDER_TITLE[lang].format(**given), REMINDER_BODY[lang].format(**given)


def _digest(said: Mapping[str, Any], lang: str) -> tuple[str, str]:
    whose = said["group"] or WHOLE_CITY[lang]
    title = DIGEST_TITLE[lang].format(whose=whose, since=said["period_from"], until=said["period_to"])
    lines = [CALENDAR_MISSING[lang]] if said["calendar_missing"] else []
    lines.append(_figures(whose, said["figures"], lang))
    lines += [_figures(_township(each["township_code"], lang), each["figures"], lang) for each in said["townships"]]
    if said["unacknowledged"]:
        lines.append(UNACKNOWLEDGED[lang])
        lines += [_block(each, lang) for each in said["unacknowledged"]]
    if said.get("policy_confirmed") is False:
        lines.append(UNCONFIRMED[lang].format(policy=f"{said['policy']['id']} v{said['policy']['version']}"))
    return title, "".join(lines)


def _figures(whose: str, figures: Mapping[str, int], lang: str) -> str:
    between, colon = ("，", "：") if lang == "zh" else (", ", ": ")
    return whose + colon + between.join(f"{FIGURES[name][lang]} {number}" for name, number in figures.items()) + "\n"


def _block(each: Mapping[str, Any], lang: str) -> str:
    units = ", ".join(each["units"])
    return DIGEST_BLOCK[lang].format(block=each["block_id"], parcel=each["parcel_code"] or "-", since=each["since"] or "-", units=units)


def _township(code: str | None, lang: str) -> str:
    unit = None if code is None else reference.township(code)
    if unit is None:
        return code or NOWHERE[lang]
    return unit.name_zh if lang == "zh" else unit.name_en
