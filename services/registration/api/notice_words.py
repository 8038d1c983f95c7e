"""The words of a notice that the policy set does not hold: headings, the missing paper of each reason, deadlines, the way to appeal."""

from __future__ import annotations

from collections.abc import Mapping

from contracts.policy import Text
from contracts.vocabulary import FilingReason, FilingStatus

TITLES: Mapping[FilingStatus, Text] = {
    FilingStatus.UNDER_REVIEW: Text(zh="受理通知", en="Filing received"),
    FilingStatus.HELD: Text(zh="一次性补正告知", en="Notice of what is missing"),
    FilingStatus.ACCEPTED: Text(zh="准予登记通知", en="Notice of acceptance"),
    FilingStatus.REFUSED: Text(zh="不予登记通知", en="Notice of refusal"),
    FilingStatus.WITHDRAWN: Text(zh="撤回通知", en="Notice of withdrawal"),
    FilingStatus.CLOSED_DUPLICATE: Text(zh="重复申请关闭通知", en="Notice of a duplicate filing"),
    FilingStatus.REFERRED: Text(zh="转送通知", en="Notice of referral"),
}

REOPENED = Text(zh="决定撤销、重新审查通知", en="Notice that a decision was set aside and is taken again")
GOVERNANCE_OFFICE = Text(zh="市制造业治理办公室", en="The manufacturing governance office")

STATEMENT = Text(
    zh="场所所在镇（街道）出具的有效产权说明",
    en="A valid property-right statement of the town or subdistrict of the premises",
)
LAND_PAPER = Text(
    zh="场所登记用途的凭据（宗地代码、不动产单元号或者不动产权证书），或者有效的产权说明",
    en="Proof of the registered use (parcel code, real-estate unit number or title certificate), or a valid property-right statement",
)

MISSING: Mapping[FilingReason, Text] = {
    FilingReason.STATEMENT_MISSING: STATEMENT,
    FilingReason.STATEMENT_INVALID: STATEMENT,
    FilingReason.STATEMENT_REVOKED: STATEMENT,
    FilingReason.STATEMENT_FORGED: STATEMENT,
    FilingReason.STATEMENT_NEGATIVE: STATEMENT,
    FilingReason.LAND_UNKNOWN: LAND_PAPER,
    FilingReason.LAND_MIXED: LAND_PAPER,
    FilingReason.LAND_VERDICT_PENDING: Text(
        zh="土地认定（由系统取得，无须提交）", en="The land verdict (obtained by the system, nothing to bring)"
    ),
    FilingReason.HIGH_POLLUTION_REVIEW: Text(
        zh="宁波生态环境局慈溪分局的审核意见", en="The word of the Cixi branch of the Ningbo ecology bureau"
    ),
    FilingReason.OPEN_LIST_REVIEW: Text(
        zh="清单销号记录，或者市制造业治理办公室的审核意见",
        en="The delisting of the list entry, or the word of the manufacturing governance office",
    ),
    FilingReason.PARK_ADMISSION_MISSING: Text(zh="园区入园审核通过的记录", en="The park's approved admission"),
    FilingReason.PRODUCTION_SITE_MISSING: Text(zh="实际生产经营场所的申报", en="The production premises"),
    FilingReason.TOWNSHIP_DISPUTED: Text(
        zh="市自然资源规划局对所属镇（街道）的认定（申报人无须提交）",
        en="The natural resources bureau's word on which township it is (the applicant brings nothing)",
    ),
    FilingReason.SET_ASIDE_REVIEW: Text(
        zh="市制造业治理办公室的审核意见（申报人无须补交材料）",
        en="The word of the manufacturing governance office (the applicant need not bring anything)",
    ),
    FilingReason.DUPLICATE: Text(zh="无；以先前的申请为准", en="Nothing; the earlier filing counts"),
    FilingReason.OUT_OF_AREA: Text(zh="无；本系统不作认定", en="Nothing; no decision is taken here"),
}

OTHER_GROUND = Text(zh="没有可以补交的材料（见补正办法）", en="No paper can be brought for this (see what to do)")
"""A refusal under a switch that makes no exception: the catalogue's wording says what else may be done."""

RUNS = Text(zh="{due}，当日届满前提交；逾期不予登记", en="{due}, before that day is over; afterwards the filing is refused")
ENDED = Text(zh="{due}，已届满", en="{due}, which is over")
ENDED_EARLY = Text(
    zh="原至{due}；已声明不能提供，或者查明的事由不待期限届满，不再等待",
    en="It ran to {due}; it was declared that none can be provided, or what was found does not wait for that day",
)
NONE_GIVEN = Text(zh="本项不给予补正期限", en="No time is given for this")
NOT_COUNTED = Text(
    zh="未定：相应年度的工作日历尚未公布，公布后确定并告知",
    en="Not set: the working-day calendar of that year is not published; it is set and told once it is",
)
NO_PERIOD = Text(zh="未设期限；未办结前申请继续搁置", en="None is set; the filing stays held until this is done")

APPEAL_AFTER_REFUSAL = Text(
    zh="对本决定有异议的，可以凭申请编号经登记机关在本系统提出申诉，写明理由并附材料，由市制造业治理办公室审查决定；本系统不设申诉截止日。也可以依法申请行政复议。",
    en="This decision can be appealed in this system, through the registration authority, under the number of the filing, with "
    "reasons and documents; the manufacturing governance office decides. The system sets no last day for an appeal. "
    "Administrative review can also be sought as the law provides.",
)
APPEAL_LATER = Text(
    zh="本通知不是不予登记决定。此后如被不予登记，可以在本系统提出申诉，由市制造业治理办公室审查决定；也可以依法申请行政复议。",
    en="This notice is no refusal. Should the filing be refused later, that can be appealed in this system, and the manufacturing "
    "governance office decides; administrative review can also be sought as the law provides.",
)
AFTER_SET_ASIDE = Text(
    zh="表中的决定自撤销之日起不再有效。对撤销有异议的，可以在审查办结之前凭申请编号提交答复，写明理由并附材料，由市制造业治理办公室一并审查；"
    "也可以依法申请行政复议。",
    en="A decision in the table no longer counts from the day it was set aside. Against that, reasons and documents can be handed in as an "
    "answer under the number of the filing until the case is ended, and the manufacturing governance office considers them; "
    "administrative review can be sought as the law provides.",
)
APPEALS: Mapping[str, Text] = {
    "open": Text(zh="已提出申诉，尚未决定。", en="An appeal has been filed and is not decided yet."),
    "upheld": Text(zh="申诉已决定：维持不予登记。", en="The appeal has been decided: the refusal stands."),
    "reversed": Text(
        zh="申诉已决定：撤销不予登记，重新审查。",
        en="The appeal has been decided: the refusal was taken back, and the filing judged again.",
    ),
}

FACTS: Mapping[str, Text] = {
    "industry_code": Text(zh="行业", en="Trade"),
    "cannot_provide_statement": Text(zh="产权说明", en="Statement"),
    "new_land": Text(zh="新增用地", en="New land"),
    "registered_use": Text(zh="登记用途", en="Registered use"),
    "survey_use": Text(zh="现状地类", en="Use by survey"),
    "planned_use": Text(zh="规划用途", en="Planned use"),
    "planned_implementation": Text(zh="规划实施日期", en="Plan carried out on"),
    "parcel_feature": Text(zh="宗地特征", en="Kind of parcel"),
    "register_disagreement": Text(zh="登记不一致", en="Disagreement in the register"),
    "township": Text(zh="所属镇（街道）", en="Township"),
    "township_set": Text(zh="指定的镇（街道）", en="Township set"),
    "part": Text(zh="生产部位", en="Part of the parcel"),
    "parcel": Text(zh="宗地", en="Parcel"),
}

LABELS: Mapping[str, Text] = {
    "no": Text(zh="申请编号", en="Filing"),
    "name": Text(zh="企业名称", en="Enterprise"),
    "applicant": Text(zh="联系人", en="Contact"),
    "place": Text(zh="场所", en="Place"),
    "township": Text(zh="所在镇（街道）", en="Town or subdistrict"),
    "trade": Text(zh="行业代码", en="Industry code"),
    "date": Text(zh="日期", en="Date"),
    "duplicate": Text(zh="先前的申请", en="The earlier filing"),
    "flags": Text(zh="提示标记", en="Flags"),
    "reasons": Text(zh="理由与依据（一次性告知）", en="Reasons and their basis (everything, once)"),
    "none": Text(zh="无须补充材料。", en="Nothing is missing."),
    "set_aside": Text(zh="已撤销的决定", en="Decisions that were set aside"),
    "was_decided": Text(zh="原决定", en="It was decided"),
    "set_aside_on": Text(zh="撤销日期", en="Set aside on"),
    "by": Text(zh="撤销单位", en="By"),
    "why": Text(zh="撤销理由", en="Why"),
    "facts": Text(zh="认定的事实", en="Facts"),
    "fact": Text(zh="事实", en="Fact"),
    "value": Text(zh="内容", en="Value"),
    "source": Text(zh="来源", en="Source"),
    "as_of": Text(zh="截至", en="As of"),
    "appeal": Text(zh="救济途径", en="How to appeal"),
}
