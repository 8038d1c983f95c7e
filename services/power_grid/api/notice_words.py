"""The words of the power side's notices that the policy set does not hold."""

from __future__ import annotations

from collections.abc import Mapping

from contracts.policy import Text
from contracts.vocabulary import InstallKind, LandVerdict, PowerDecision, PowerReason
from services.power_grid.domain import Standing

TITLES: Mapping[PowerDecision, Text] = {
    PowerDecision.ALLOW: Text(zh="准予办理用电通知", en="Notice: the supply may be connected"),
    PowerDecision.HOLD: Text(zh="暂缓办理用电通知", en="Notice: the request is on hold"),
    PowerDecision.BLOCK: Text(zh="不予办理三相用电通知", en="Notice: no three-phase supply"),
    PowerDecision.REFER: Text(zh="转送通知", en="Notice of referral"),
    PowerDecision.NOT_RESTRICTED: Text(zh="用电不受限制通知", en="Notice: the supply is not restricted"),
}

STANDING_TITLES: Mapping[Standing, Text] = {
    Standing.HOLD: Text(zh="场地三相用电暂缓通知", en="Notice: three-phase supply at this site is on hold"),
    Standing.BLOCK: Text(zh="场地不得加装三相变压器通知", en="Notice: no three-phase transformer at this site"),
}

KINDS: Mapping[InstallKind, Text] = {
    InstallKind.NEW_THREE_PHASE_TRANSFORMER: Text(zh="新装三相变压器", en="New three-phase transformer"),
    InstallKind.INCREASE_THREE_PHASE: Text(zh="三相增容", en="Increase of three-phase capacity"),
    InstallKind.REPLACE_LIKE_FOR_LIKE: Text(zh="同容量更换", en="Like-for-like replacement"),
    InstallKind.LOW_VOLTAGE_THREE_PHASE: Text(zh="低压三相用电", en="Low-voltage three-phase supply"),
    InstallKind.SINGLE_PHASE: Text(zh="单相用电", en="Single-phase supply"),
}

LAND: Mapping[LandVerdict, Text] = {
    LandVerdict.INDUSTRIAL: Text(zh="工业用地", en="industrial"),
    LandVerdict.NON_INDUSTRIAL: Text(zh="非工业用地", en="non-industrial"),
    LandVerdict.MIXED: Text(zh="部分工业用地", en="mixed"),
    LandVerdict.TRANSITION: Text(zh="过渡控制区", en="transition zone"),
    LandVerdict.UNKNOWN: Text(zh="用途不明", en="unknown"),
    LandVerdict.PENDING: Text(zh="尚未认定", en="not judged yet"),
    LandVerdict.OUT_OF_AREA: Text(zh="不在规则适用范围", en="out of the area"),
}

SOURCES: Mapping[str, Text] = {
    "filing": Text(zh="登记申请", en="A filing"),
    "registration": Text(zh="准予登记的申请", en="An accepted filing"),
    "declared_use": Text(zh="用电申请中申报的用途", en="The use declared in a request for supply"),
    "finding": Text(zh="巡查发现", en="A finding in the field"),
}

NOTHING_TO_BRING = Text(zh="没有可以补交的材料（见补正办法）", en="No paper can be brought for this (see what to do)")
STATEMENT = Text(
    zh="场所所在镇（街道）出具的有效产权说明",
    en="A valid property-right statement of the town or subdistrict of the premises",
)
GOVERNANCE = Text(zh="市制造业治理办公室的审核意见", en="The word of the manufacturing governance office")

MISSING: Mapping[PowerReason, Text] = {
    PowerReason.NON_INDUSTRIAL_SITE: NOTHING_TO_BRING,
    PowerReason.TRANSITION_GRADE: Text(zh="达到要求的亩均效益综合评价档次", en="A per-mu grade that is good enough"),
    PowerReason.TRANSITION_UNGRADED: Text(zh="亩均效益综合评价档次", en="A per-mu grade"),
    PowerReason.TRANSITION_DUE: Text(
        zh="市自然资源规划局对规划实施日期的审核意见", en="The natural resources bureau's word on when the plan is carried out"
    ),
    PowerReason.TRANSITION_CONFIRMATION: Text(zh="市自然资源规划局的确认", en="The natural resources bureau's confirmation"),
    PowerReason.LAND_UNKNOWN: Text(
        zh="场所登记用途的凭据（宗地代码、不动产单元号或者不动产权证书）",
        en="Proof of the registered use (parcel code, real-estate unit number or title certificate)",
    ),
    PowerReason.LAND_MIXED: Text(zh="场所位于宗地哪一部分的凭据", en="Proof of the part of the parcel in which the premises lie"),
    PowerReason.LAND_VERDICT_PENDING: Text(
        zh="土地认定（由系统取得，无须提交）", en="The land verdict (obtained by the system, nothing to bring)"
    ),
    PowerReason.LOW_VOLTAGE_REVIEW: GOVERNANCE,
    PowerReason.WATCH_PERIOD: GOVERNANCE,
    PowerReason.SET_ASIDE_REVIEW: GOVERNANCE,
    PowerReason.USE_NOT_DECLARED: Text(zh="用电行业代码", en="The industry code of the use"),
    PowerReason.OUT_OF_AREA: Text(zh="无；本系统不作认定", en="Nothing; no decision is taken here"),
}

ENDS = Text(zh="{due}，当日届满后自行解除", en="{due}; it ends by itself when that day is over")
NO_PERIOD = Text(zh="未设期限；场地的情况变化时自动重新认定", en="None is set; judged again by itself when the facts of the site change")

APPEAL_AFTER_BLOCK = Text(
    zh="对本结论有异议的，可以凭本通知编号向市制造业治理办公室申诉，写明理由并附材料；本系统不设申诉截止日。"
    "经下列单位中的两个签署并附文件的，可以个案放行，至场地的情况变化为止：{units}。",
    en="This can be appealed to the manufacturing governance office under the number of this notice, with reasons and documents; "
    "the system sets no last day for it. Two of these units may sign an override with a document, in force until the facts of the "
    "site change: {units}.",
)
APPEAL_A_BLOCK = Text(
    zh="对本结论有异议的，可以经市场监管部门窗口或者供电公司，凭限制编号 {block} 在本系统提出申诉，写明理由并附材料，"
    "由市制造业治理办公室审查决定；"
    "本系统不设申诉截止日。经下列单位中的两个签署并附文件的，可以个案放行，至场地的情况变化为止：{units}。",
    en="This can be appealed in this system, through a clerk of market supervision or the power company, under the number of the block, "
    "{block}, with reasons and documents; the manufacturing governance office decides. The system sets no last day for it. Two of these "
    "units may sign an override with a document, in force until the facts of the site change: {units}.",
)
APPEALS: Mapping[str, Text] = {
    "open": Text(
        zh="已提出申诉，尚未决定；决定之前限制照旧。", en="An appeal has been filed and is not decided yet; the block stands until then."
    ),
    "upheld": Text(zh="申诉已决定：维持限制。", en="The appeal has been decided: the block stands."),
    "reversed": Text(
        zh="申诉已决定：撤销限制，改为暂缓。", en="The appeal has been decided: the block was taken back, and the site held instead."
    ),
    "lapsed": Text(
        zh="申诉决定之前限制已解除，申诉终止。", en="The block was lifted before the appeal was decided: the appeal ended with it."
    ),
}
LIFTED = Text(zh="该限制已经解除，无须申诉。", en="This block or hold was lifted: there is nothing left to appeal.")
HELD_AFTER_APPEAL = Text(
    zh="限制已经申诉撤销，改为暂缓，不因此放行：经下列单位中的两个签署并附文件后可以个案放行；场地的情况变化的，按当时的事实重新认定：{units}。",
    en="The block was taken back on appeal and the site is held instead, which allows nothing by itself: two of these units may sign an "
    "override with a document; when the facts of the site change, it is judged anew from them: {units}.",
)
APPEAL_AFTER_HOLD = Text(
    zh="暂缓不是不予办理。理由中列有审核单位的，由其办结；对暂缓或者其后的结论有异议的，可以凭本通知编号向市制造业治理办公室申诉。",
    en="A hold is no refusal. Where a unit is named with a reason, its word ends it; a hold, and what is decided after it, can be "
    "appealed to the manufacturing governance office under the number of this notice.",
)
APPEAL_LATER = Text(
    zh="本通知不是不予办理的结论。接电前场地的情况变化的，将重新认定；此后如不予办理，可以向市制造业治理办公室申诉。",
    en="This notice is no refusal. It is judged again if the facts of the site change before the connection; should it be refused "
    "then, that can be appealed to the manufacturing governance office.",
)

LABELS: Mapping[str, Text] = {
    "no": Text(zh="通知编号", en="Number"),
    "request": Text(zh="供电公司申请号", en="Request of the power company"),
    "filing": Text(zh="登记申请编号", en="Filing"),
    "kind": Text(zh="申请事项", en="Asked for"),
    "capacity": Text(zh="容量", en="Capacity"),
    "trade": Text(zh="申报的行业", en="Declared industry"),
    "parcel": Text(zh="宗地", en="Parcel"),
    "unit": Text(zh="不动产单元", en="Unit"),
    "township": Text(zh="所在镇（街道）", en="Town or subdistrict"),
    "date": Text(zh="日期", en="Date"),
    "override": Text(zh="个案放行", en="Override"),
    "signed": Text(zh="已由两个单位签署", en="signed by two units"),
    "committed": Text(zh="已接电", en="Connected"),
    "lifted": Text(zh="已解除", en="Lifted"),
    "after_appeal": Text(zh="经申诉撤销的限制", en="In place of the block reversed on appeal"),
    "reasons": Text(zh="理由与依据", en="Reasons and their basis"),
    "none": Text(zh="无限制理由。", en="There is nothing against it."),
    "facts": Text(zh="认定的事实", en="Facts"),
    "fact": Text(zh="事实", en="Fact"),
    "value": Text(zh="内容", en="Value"),
    "source": Text(zh="来源", en="Source"),
    "as_of": Text(zh="截至", en="As of"),
    "land": Text(zh="土地", en="Land"),
    "land_check": Text(zh="土地核查", en="Land check"),
    "use": Text(zh="制造业使用", en="Manufacturing"),
    "watch": Text(zh="观察期至", en="Under watch until"),
    "withdrawn": Text(zh="撤回的登记申请", en="A withdrawn filing"),
    "appeal": Text(zh="救济途径", en="How to appeal"),
}
