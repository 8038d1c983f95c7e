"""The words about a statement that people read who have only its paper."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from contracts.policy import Text
from services.land_check.domain import CheckState, IssuerType, StatementResult


class Found(NamedTuple):
    """What was found, in a word and in a sentence; ``tone``: good, bad, or over."""

    tone: str
    word: Text
    meaning: Text


STATES: Mapping[str, Found] = {
    CheckState.VALID: Found(
        "good",
        Text(zh="有效", en="Valid"),
        Text(
            zh="该产权说明登记在案，没有被撤销，没有被查明伪造，尚在有效期内。",
            en="The statement is on record, has not been revoked or found forged, and its last day is not over.",
        ),
    ),
    CheckState.INVALID: Found(
        "bad",
        Text(zh="不符合要求", en="Does not hold"),
        Text(
            zh="该产权说明登记在案，但是经核对不符合要求，不能用于登记；原因请向所在镇（街道）查询。",
            en="The statement is on record but does not meet what is required, so no registration can rest on it. "
            "Ask the town or subdistrict why.",
        ),
    ),
    CheckState.REVOKED: Found(
        "bad",
        Text(zh="已撤销", en="Revoked"),
        Text(
            zh="镇（街道）已经撤销该产权说明，不能再用于登记。",
            en="The township has revoked the statement: no registration can rest on it any more.",
        ),
    ),
    CheckState.FORGED: Found(
        "bad",
        Text(zh="伪造", en="Forged"),
        Text(
            zh="该产权说明已被认定为伪造，不得使用。",
            en="The statement was found to be forged and must not be used.",
        ),
    ),
    CheckState.EXPIRED: Found(
        "over",
        Text(zh="已过有效期", en="Expired"),
        Text(
            zh="有效期已经届满，不能再用于新的登记；在有效期内据以办理的登记不受影响。",
            en="Its last day is over: no new registration can rest on it. A registration made in time stands.",
        ),
    ),
}

FAILURES: Mapping[int, Found] = {
    404: Found(
        "bad",
        Text(zh="没有查到", en="Not found"),
        Text(
            zh="没有与此核验码相符的产权说明。请对照纸质件检查核验码：共 12 位，由数字 2 至 9 和大写字母组成，没有 I、L、O。"
            "仍然查不到的，不要采信，请向所载的出具单位查询。",
            en="There is no statement with this check code. Compare it with the paper: 12 places, digits 2 to 9 and capital letters, "
            "no I, L or O. If it is still not found do not rely on the paper, and ask the issuer it names.",
        ),
    ),
    422: Found(
        "bad",
        Text(zh="核验码无法识别", en="No check code"),
        Text(
            zh="地址中的核验码为空、过长或者含有不可见字符。请重新扫码，或者输入纸质件上的 12 位核验码。",
            en="The code in the address is empty, too long or holds invisible characters. Scan it again, or enter the 12 places "
            "that stand on the paper.",
        ),
    ),
    429: Found(
        "over",
        Text(zh="查询过于频繁", en="Too many look-ups"),
        Text(zh="请过一分钟再试。这与该产权说明的真伪无关。", en="Try again in a minute. This says nothing about the statement."),
    ),
    503: Found(
        "over",
        Text(zh="暂时无法查询", en="Not possible now"),
        Text(zh="请稍后再试。这与该产权说明的真伪无关。", en="Try again later. This says nothing about the statement."),
    ),
}

LABELS: Mapping[str, Text] = {
    "issuer": Text(zh="出具单位", en="Issuer"),
    "issued_on": Text(zh="出具日期", en="Issued on"),
    "valid_to": Text(zh="有效期至", en="Valid to"),
}
OVER = "（已届满 over）"
ISSUERS: Mapping[str, Text] = {
    IssuerType.TOWNSHIP: Text(zh="镇（街道）", en="town or subdistrict"),
    IssuerType.ZONE_COMMITTEE: Text(zh="开发区管委会", en="zone committee"),
    IssuerType.VILLAGE_COMMITTEE: Text(zh="村民委员会", en="village committee"),
    IssuerType.OTHER: Text(zh="其他", en="other"),
}
NOTES = (
    Text(
        zh="请核对纸质件上的出具单位和日期是否与本页一致，不一致的不要采信。本页不显示企业、场所和人员；需要核对的，请向出具单位查询。",
        en="Compare issuer and dates with the paper: where they differ, do not rely on it. Enterprise, place and people are not shown "
        "here; the issuer can be asked about them.",
    ),
    Text(
        zh="产权说明有效，不表示已经准予登记，也不表示可以加装三相变压器。",
        en="A valid statement is neither a registration nor leave to connect a three-phase transformer.",
    ),
)

TITLE = Text(zh="产权说明", en="Property-right statement")
TITLE_OF_PAPER = Text(zh="产权说明（据纸质件登记）", en="Property-right statement, recorded from paper")
RESULTS: Mapping[str, Text] = {
    StatementResult.SUPPORTS: Text(zh="支持：权属情况属实", en="Supports: the right to the premises is sound"),
    StatementResult.DOES_NOT_SUPPORT: Text(zh="不支持：权属情况不能证明", en="Does not support: the right to the premises is not sound"),
}
USE_BY = Text(
    zh="{day}（含当日）；须在此前用于登记申请，准予登记后即已使用",
    en="{day} included; a filing uses it by then, and a registration uses it up",
)
CHECK = (
    Text(
        zh="扫描二维码，或者打开下列网址，可以查询本说明是否真实、有效；以查询结果为准。",
        en="Scan the code, or open this address, to see whether this statement is real and holds; what is shown there counts.",
    ),
    NOTES[1],
)
SHEET: Mapping[str, Text] = {
    "no": Text(zh="编号", en="Number"),
    "code": Text(zh="核验码", en="Check code"),
    "state": Text(zh="状态", en="State"),
    "findings": Text(zh="不符合之处", en="What does not hold"),
    "issuer": LABELS["issuer"],
    "township": Text(zh="所在镇（街道）", en="Town or subdistrict"),
    "enterprise": Text(zh="企业名称", en="Enterprise"),
    "uscc": Text(zh="统一社会信用代码", en="USCC"),
    "parcel": Text(zh="宗地", en="Parcel"),
    "unit": Text(zh="不动产单元", en="Unit"),
    "owner": Text(zh="权利人", en="Right holder"),
    "basis": Text(zh="权属依据", en="Basis of the right"),
    "result": Text(zh="结论", en="Result"),
    "issued_on": LABELS["issued_on"],
    "valid_to": LABELS["valid_to"],
    "filing": Text(zh="申请编号", en="Filing"),
    "spent": Text(zh="已用于登记", en="Used up by a registration"),
    "document": Text(zh="所附文件 SHA-256", en="SHA-256 of the document"),
    "recorded_by": Text(zh="登记人", en="Recorded by"),
    "grounds": Text(zh="依据", en="Basis in the papers"),
    "no_grounds": Text(zh="该日适用的规则中没有此项要求。", en="The rules of that day do not ask for a statement."),
    "paper": Text(zh="文件", en="Paper"),
    "check": Text(zh="核验", en="How to check"),
    "signed": Text(zh="签章", en="Signed"),
    "seal": Text(zh="出具单位（盖章）", en="Issuer (seal)"),
    "officer": Text(zh="经办人", en="Officer"),
    "second": Text(zh="复核人", en="Second officer"),
    "printed": Text(zh="打印时间", en="Printed"),
}
