/* Every word the page says by itself, Chinese first. Words of the data are never translated. */
(function () {
  "use strict";
  const PM = (self.PM = self.PM || {});
  PM.WORDS = {
    title: ["责任与巡查一张图", "Responsibility and patrol map"],
    as_of: ["截至 {day}", "as of {day}"],
    loading: ["正在读取数据…", "Reading the data…"],
    broken: ["页面数据读取失败：{why}", "The page's data could not be read: {why}"],
    internal: ["内部工作用图", "For internal use"],
    public: ["公开版", "Public edition"],
    covered_share: ["巡查覆盖率（按长度）", "Covered, by length"],
    of_required: ["应管 {km}", "{km} in scope"],
    unassigned_km: ["没有人负责", "Nobody answers"],
    conflicting_km: ["责任重叠", "Overlapping duty"],
    never_km: ["从未巡到的长度", "Never seen"],
    overdue_km: ["超期未巡", "Overdue"],
    unsure_km: ["是否巡到存疑", "Perhaps seen"],
    open_problems: ["未办结问题", "Open problems"],
    late_problems: ["其中已超期", "of them overdue"],
    legend: ["图例", "Legend"],
    legend_hint: ["点一下可隐藏或显示", "click to hide or show"],
    unassigned: ["未分配责任", "Unassigned"],
    conflicting: ["责任重叠", "Overlapping duty"],
    never: ["从未巡查", "Never patrolled"],
    overdue: ["超期未巡", "Overdue"],
    unsure: ["存疑", "Unsure"],
    partial: ["部分巡查", "Partly patrolled"],
    covered: ["已覆盖", "Covered"],
    out_of_scope: ["不作要求", "Not required"],
    declared_note: ["其中仅有人工申报（不算覆盖）{km}", "{km} only declared: not counted as covered"],
    km: ["{n} 公里", "{n} km"],
    metres: ["{n} 米", "{n} m"],
    pieces: ["{n} 段", "{n}"],
    problem_open: ["未办结问题", "Open problem"],
    problem_late: ["超期问题", "Overdue problem"],
    problem_closed: ["已办结问题", "Closed problem"],
    problems: ["问题", "Problems"],
    gaps: ["最该先管的河段路段", "Worst gaps"],
    gaps_none: ["当前筛选下没有缺口", "No gaps under these filters"],
    show_all: ["全部显示", "Show all"],
    close: ["关闭", "Close"],
    board_river: ["河长公示牌", "River chief board"],
    board_canal: ["渠长公示牌", "Canal chief board"],
    board_road: ["路长公示牌", "Road chief board"],
    board_reservoir: ["水库责任公示牌", "Reservoir board"],
    board_pond: ["塘长公示牌", "Pond board"],
    board_other: ["责任公示牌", "Responsibility board"],
    name: ["名称", "Name"],
    unnamed: ["（无名）", "(no name)"],
    kind: ["类别", "Kind"],
    river: ["河道", "River"], canal: ["渠道", "Canal"], road: ["道路", "Road"],
    reservoir: ["水库", "Reservoir"], pond: ["塘坝", "Pond"],
    grade: ["等级", "Class"],
    area: ["片区", "Area"],
    stretch: ["起止桩号", "Chainage"],
    length: ["长度", "Length"],
    holders: ["责任人", "Who answers"],
    nobody: ["没有查到责任人", "No holder found"],
    vacant: ["空缺", "vacant"],
    level: ["层级", "Level"],
    level_all: ["各级合计", "All levels"],
    province: ["省级", "Province"], city: ["市级", "City"], county: ["县级", "County"],
    town: ["乡镇级", "Town"], village: ["村级", "Village"], group: ["村民组", "Group"],
    side_L: ["左岸", "left bank"], side_R: ["右岸", "right bank"],
    since: ["自 {day} 起", "since {day}"],
    until: ["至 {day}", "until {day}"],
    expired: ["已到期", "expired"],
    not_yet: ["尚未开始", "not yet"],
    phone_line: ["监督电话", "Hotline"],
    last_seen: ["最近巡查", "Last seen"],
    never_seen: ["没有确切的巡查记录", "No sure patrol on record"],
    how_near: ["最近距离约 {n} 米", "about {n} m away"],
    grade_A: ["轨迹", "track"], grade_B: ["定位点", "points"], grade_C: ["仅申报", "declared only"],
    foot: ["步行", "on foot"], bicycle: ["自行车", "bicycle"], motorcycle: ["摩托车", "motorcycle"],
    car: ["汽车", "car"], boat: ["船", "boat"], drone: ["无人机", "drone"],
    due: ["应巡日期", "Due"],
    overdue_by: ["已超期 {n} 天", "{n} days overdue"],
    not_due: ["未到期", "not yet due"],
    no_rule: ["没有规定频次", "no cadence rule"],
    state: ["状态", "State"],
    why: ["为什么是这个颜色", "Why this colour"],
    visits: ["近期巡查日", "Patrol days"],
    visit_unsure: ["存疑", "unsure"], visit_declared: ["仅申报", "declared"],
    on_it: ["这一段上的问题", "Problems on it"],
    on_it_none: ["没有登记的问题", "none on record"],
    photo: ["照片", "Photo"],
    status: ["办理状态", "Status"],
    registered: ["登记", "registered"], assigned: ["交办", "assigned"], accepted: ["承办", "accepted"],
    done: ["办结", "done"], closed: ["销号", "closed"], reopened: ["回头看", "reopened"],
    category: ["类型", "Category"],
    description: ["情况", "What"],
    reported: ["上报", "Reported"],
    reporter: ["上报人", "Reporter"],
    owner: ["承办", "Must act"],
    limit: ["期限", "Limit"],
    language: ["English", "中文"],
    theme: ["深色", "Dark"],
    theme_light: ["浅色", "Light"],
    zoom_in: ["放大", "Zoom in"], zoom_out: ["缩小", "Zoom out"],
    map_label: ["地图：方向键移动，加减号缩放", "Map: arrow keys move, plus and minus zoom"],
  };
  PM.language = "zh";
  /** Say a word in the page's language; an unknown key is a word of the data and is said as it is. */
  PM.t = function (key, values) {
    const pair = Object.prototype.hasOwnProperty.call(PM.WORDS, key) ? PM.WORDS[key] : null;
    let text = pair ? pair[PM.language === "en" ? 1 : 0] : key;
    for (const name in values || {}) text = text.split("{" + name + "}").join(String(values[name]));
    return text;
  };
  const number = (digits) => new Intl.NumberFormat("zh-CN", { minimumFractionDigits: digits, maximumFractionDigits: digits });
  const whole = number(0), tenth = number(1), hundredth = number(2);
  PM.count = (n) => whole.format(n);
  /** Millimetres as kilometres or, below one kilometre, as metres. */
  PM.length = function (mm) {
    const m = mm / 1000;
    if (m === 0) return PM.t("km", { n: "0" });
    if (m < 1000) return PM.t("metres", { n: whole.format(m) });
    return PM.t("km", { n: (m < 10000 ? hundredth : m < 1e6 ? tenth : whole).format(m / 1000) });
  };
  /** A chainage as K12+300. */
  PM.chainage = function (mm) {
    const m = Math.round(mm / 1000);
    return "K" + Math.floor(m / 1000) + "+" + String(m % 1000).padStart(3, "0");
  };
  /** A day number since 1970 as 2026-09-30, or '' for none. */
  PM.day = function (number) {
    return number <= -1048576 ? "" : new Date(number * 86400000).toISOString().slice(0, 10);
  };
})();
