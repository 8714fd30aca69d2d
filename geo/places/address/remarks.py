"""Leave out of a text that is asked what says nothing of where a place is: labels, known remarks, and who receives it.

Stored texts keep theirs: the database normalises them too.
"""

from __future__ import annotations

import re

# What is known to say nothing of where a place is: what became of its record (已核实, 二次上报, 待补门牌), what kind of
# dwelling or land it is (农村, 平房), and what is reported there (路灯未亮). All else in brackets is read as a part of
# the address: 二期 is another building, 应为大靖 another place, and 不存在 none.
_RECORDED = (
    "(?:已经?|未|待|需|拟|正在|再次|重复|重新|首次|初次|多次|[一二三两]次|人工|现场|系统|电话|群众|居民|网格员){0,2}"
    "(?:核[实对查验准]|审核|复核|确认|上报|报送|录入|登记|采集|整改|办[结理]|处[理置]|受理|派单|回复|回访|建档|备案|标注)"
    "(?:中|过|完[成毕]|无误|通过|信息)?|(?:待|需|已)?补[录充登填](?:中|信息)?|待补[门楼户]?[牌号]"
)
_KINDS_OF_DWELLINGS = (
    "农村|城镇|城市|乡村|平房|楼房|瓦房|自建房|自有房|自住|出租房?|租赁房?|租户|商品房|公租房|廉租房|经济适用房|空置房?|常住|暂住"
    "|居民|居民户|农户|商户|个体户?|单位|搬迁点|安置点"
)
_REPORTED = (
    "(?:路灯|井盖|护栏|摄像头|监控|垃圾桶?|管道|水管|电线|路面|积水|污水|噪音|树木|广告牌?)"
    "(?:未亮|不亮|损坏|破损|缺失|丢失|脱落|外露|外溢|倒伏|堆放|满溢|泄漏|破裂|塌陷|扰民|故障|离线)"
)
# The same as the end of a report, 的路灯坏了, 有人打架, and what it asks for. Where it happens is what stands before;
# 不在, 已拆除 and other words that turn that round are not among them.
_THINGS = (
    "(?:路灯|楼道灯|红绿灯|信号灯|井盖|护栏|围栏|围墙|栏杆|摄像头|监控|垃圾[桶箱]?|[上下自来污雨]{1,2}水管?道?|水管|管道|暖气|燃气|天然气|消防栓|化粪池"
    "|电[线缆杆]杆?|光缆|线缆|路面|道路|路沿石|地砖|树[木枝]|广告牌|路牌|指示牌|门禁|电梯|厕所|积水|污水|噪[音声]|杂物|积雪)"
)
_STATES = (
    "(?:未亮|不亮|不制冷|不热|损坏|破损|毁坏|缺失|丢失|被盗|脱落|松动|外露|裸露|外溢|溢出|冒水|漏水|渗水|漏气|停水|停电|断裂|断[了开]|倒伏|倒塌|倾倒|歪斜"
    "|堆[放积]|成堆|满溢|满了|泄漏|破裂|开裂|塌陷|下沉|坑洼|堵塞|堵了|扰民|故障|离线|坏[了掉]|倒了|没水|没电|没气|严重)"
)
_HAPPENED = "(?:停[水电气]|断[水电]|漏水|积水|内涝|着火|起火|火灾|车祸|交通事故|打架|斗殴|纠纷|堵车|拥堵|扰民|占道经营)"
_DOES = r"[^\W0-9a-zA-Z_号路街巷弄村镇乡县组社楼栋幢室在去往来从到不非没已原现]{2,8}"
_INCIDENT = re.compile(
    r"(?:[的,，、;；。:：\s]|有(?=[一处个])|[这那][里边儿]|发现|发生|出现|存在|[一两三几多][处个根盏块棵只]){0,6}"
    rf"(?:{_THINGS}{_STATES}|有人{_DOES}|(?:(?<=[的,，、;；。:：\s生现在处里边儿])|(?<=[组社队村号室楼户])){_HAPPENED})"
    r"(?:[了啦很久多日]{1,3})?(?:[0-9一二两三四五六七八九十几半]{1,3}个?(?:天|小时|日|周|月|星期)[了多]{0,2})?"
    r"(?:[,，。;；\s]*(?:请|望|希望|要求|麻烦)[^\W0-9号路街村镇到往去]{2,16})?[。.!！~\s]*$"
    r"|[,，。;；\s]+(?:请|望|希望|要求|麻烦)[^\W0-9号路街村镇到往去]{2,16}[。.!！~\s]*$"
)
_LAST_OF_INCIDENT = frozenset(
    "了啦。.!！~ 亮冷热坏损毁失盗落动露溢出水气电裂断开伏塌倒斜放积堆满漏陷沉洼塞堵民障线掉重祸故架殴纷涝火营"
    "看理实决复修查换圾谢助办天日月时"
)
_LONGEST_INCIDENT = 48
_IN_BRACKETS = re.compile(r"[(\[【〔{（［]([^()\[\]【】〔〕{}（）［］]{1,80})(?:[)\]】〕}）］]|$)")
_KNOWN_REMARK = re.compile(rf"\s*(?:{_RECORDED}|{_KINDS_OF_DWELLINGS}|{_REPORTED})\s*")
# A note may say that the place is another one, and so may what stands behind a former name: 原粮站，现迁至大靖.
_NOTE = re.compile(r"\s*(?:备注[:：]?|注[:：]|说明[:：]?)")
_NOW = re.compile(r"[现今]|新[址名]|[搬迁并]|改[为在到]|应[为在]|实际|不|错|误|无此")
# Who it is for is a person and no part of a place: 张三收, 收件人：张三. 废品回收 and 大丰收 are shops.
_NAME = (
    r"(?![号室楼栋幢座层户组社队单门排期段附之村])"
    r"(?:[\u4e00-\u9fff]{2,3}|(?:欧阳|司马|上官|诸葛|司徒|慕容|皇甫|尉迟)[\u4e00-\u9fff]{1,2}"
    r"|[\u4e00-\u9fff]{2,8}·[\u4e00-\u9fff]{2,8})"
)
# An office or a shop that is to receive it; what names a road or a village is an address.
_OFFICE = (
    r"[^\W0-9a-zA-Z_路街巷道弄号村镇乡县区市]{1,12}"
    r"(?:学校?|小学|中学|公司|集团|超市|商店|商行|药房|饭店|酒店|银行|医院|政府|委员会|[局所站部厂店院社馆队])"
)
_TITLE = "(?:先生|女士|小姐|老师|同志|师傅)?"
_RECEIVER = re.compile(
    rf"(?:收[件货信]人|寄件人|联系人)\s*[:：]?\s*(?:{_NAME}{_TITLE}(?=$|[\s,，;；、。(（0-9])"
    rf"|{_OFFICE}(?=$|[\s,，;；、。(（]))"
    rf"|(?<=[号室楼栋幢座层户元组社队村庄屯区院房间铺店园苑镇乡道路街巷弄里0-9\s,，;；、。:：]){_NAME}{_TITLE}"
    r"\s*[(（]?\s*(?:签收|亲[收启]|(?<![回丰秋接征税验代没吸签亲])收)\s*[)）]?\s*$"
)
# What a form or a list has before each address: 安装地址：, 家住, 1、, ①, 序号3. No other word is left out, for
# 原地址： and 不在 turn the address round; and 2、 before a word that counts it is a number of the address.
_FIELD = (
    "(?:详细|完整|标准|具体|家庭|通信|通讯|联系|现居?|居住|户籍|经营|注册|收货|送货|配送|寄件|收件|安装|装机|报装|施工|上门|服务|报修|维修|用水|用电"
    "|用气|监控|摄像机?|设备|单位|企业|店铺|门店|商户|房屋|工程|项目|事发|事故|案发|发生|工单|客户|用户)"
)
_COUNTS = "号栋幢座楼单室组社队排层弄巷期区户"
_COUNTED = rf"(?![{_COUNTS}路街门#＃]|[一二三四五六七八九十百零〇]+[{_COUNTS}])"
_ITEM = (
    r"(?:序号\s*[:：]?\s*[0-9]{1,5}\s*[:：、.．,，]?|[①-⑳⑴-⒇⒈-⒛]\s*[、.．]?|[(（][0-9]{1,3}[)）]\s*[、.．]?"
    rf"|[0-9]{{1,4}}\s*[、.．)）])\s*(?=[^\W0-9_a-zA-Z]){_COUNTED}"
)
_LABEL = re.compile(
    rf"\s*(?:{_ITEM})?(?:{_FIELD}?(?:地址|住址|住所|地点|位置|点位)(?:名称|描述|信息|说明)?\s*(?:[:：]|[为是](?=[^\W0-9_]))\s*"
    r"|[我他她]?家现?住(?![宅户房址所])在?\s*[:：]?\s*|现居?住(?![宅户房所])(?:在|[址地]?\s*[:：])?\s*)?"
)
_MAY_RECEIVE = re.compile("[收启]|[件系]人")


def without_remarks(text: str) -> str:
    """Return a text that is asked with spaces for its label, brackets known to say no place, and who is to receive it.

    Its length stays.

    Examples
    --------
    >>> [without_remarks(text) for text in ("新胜村（已核实）3组", "新胜村（供销社）", "新胜村（不存在）")]
    ['新胜村     3组', '新胜村（供销社）', '新胜村（不存在）']
    >>> without_remarks("新胜村3组张三收"), without_remarks("新胜村废品回收")
    ('新胜村3组   ', '新胜村废品回收')
    >>> [without_remarks(text).strip() for text in ("安装地址：东街3号", "2、东街3号", "2、3号楼", "原地址：东街3号")]
    ['东街3号', '东街3号', '2、3号楼', '原地址：东街3号']
    >>> [without_remarks(text).strip() for text in ("东街3号路灯坏了", "东街3号，请尽快处理", "东街3号附近有人打架")]
    ['东街3号', '东街3号', '东街3号附近']
    """
    if (label := _LABEL.match(text)) and 0 < label.end() < len(text):
        text = " " * label.end() + text[label.end() :]
    if text[-1:] in _LAST_OF_INCIDENT and (end := _INCIDENT.search(text, max(1, len(text) - _LONGEST_INCIDENT))):
        text = text[: end.start()] + " " * (len(text) - end.start())
    if _MAY_RECEIVE.search(text):
        text = _RECEIVER.sub(lambda found: " " * len(found[0]), text)
    return _IN_BRACKETS.sub(_read_brackets, text)


def _read_brackets(found: re.Match[str]) -> str:
    """Return what a bracket says of where a place is, blanks in place of the rest of it."""
    words = found[1]
    note = _NOTE.match(words)
    said = words[note.end() :] if note else words
    if _KNOWN_REMARK.fullmatch(said):
        return " " * len(found[0])
    if note or (words.startswith("原") and _NOW.search(words)):
        before = found.start(1) - found.start() + len(words) - len(said)
        return " " * before + said + " " * (len(found[0]) - before - len(said))
    return found[0]
