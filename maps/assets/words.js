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
    since: ["自 {day} 起", "since {day}"], since_day: ["起始日", "Since"],
    until: ["至 {day}", "until {day}"],
    expired: ["已到期", "expired"],
    not_yet: ["尚未开始", "not yet"],
    phone_line: ["监督电话", "Hotline"],
    last_seen: ["最近巡查", "Last seen"],
    passes: ["经过次数", "Passes"],
    passes_period: ["本周期内确切经过 {n} 次", "{n} sure in the period"],
    passes_ever: ["确切经过 {n} 次（没有规定频次，全部计入）", "{n} sure (no cadence rule: all count)"],
    never_seen: ["没有确切的巡查记录", "No sure patrol on record"],
    how_near: ["最近距离约 {n} 米", "about {n} m away"],
    grade_A: ["轨迹", "track"], grade_B: ["定位点", "points"], grade_C: ["仅申报", "declared only"],
    foot: ["步行", "on foot"], bicycle: ["自行车", "bicycle"], motorcycle: ["摩托车", "motorcycle"],
    car: ["汽车", "car"], boat: ["船", "boat"], drone: ["无人机", "drone"],
    due: ["应巡日期", "Due"],
    overdue_by: ["已超期 {n} 天", "{n} days overdue"],
    not_due: ["未到期", "not yet due"],
    no_rule: ["没有规定频次", "no cadence rule"],
    due_now: ["从未全线巡到,应尽快安排", "never wholly seen: as soon as possible"],
    state: ["状态", "State"],
    why: ["为什么是这个颜色", "Why this colour"],
    why_placed: ["落位和交办依据", "Why here, why them"],
    why_here: ["附近的轨迹为什么算、为什么不算（{at} 处）", "Why tracks near {at} do or do not count"],
    why_nobody: ["没有轨迹到过此处 {m} 米以内。", "No track came within {m} m of here."],
    why_nobody_then: ["所选时间内没有轨迹到过此处 {m} 米以内。", "No track came within {m} m of here in this period."],
    why_newest: ["只列最近 {n} 次。", "Only the newest {n} are listed. "],
    why_elsewhere: ["所示为本段缺口正中一点；别处请用命令 gaps --explain 查。", "This is the middle of what is missing here; for any other metre use gaps --explain."],
    why_left_out: ["这一段没有附轨迹说明（一页只附缺口最长的各段），请用命令 gaps --explain 查。", "No tracks are explained here: a page holds only the longest gaps. Use gaps --explain."],
    undated: ["时间不明", "undated"],
    visits: ["近期巡查日", "Patrol days"],
    visit_unsure: ["存疑", "unsure"], visit_declared: ["仅申报", "declared"],
    on_it: ["这一段上的问题", "Problems on it"],
    on_it_none: ["没有登记的问题", "none on record"],
    levels: ["各级状态", "By level"],
    copy_name: ["复制文件名，到资料文件夹里找", "Copy the file name, to find it in the folder"],
    photo: ["照片", "Photo"], open_photo: ["打开照片", "Open the photo"],
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
  // The browser's own formatter takes longer to wake than the whole panel to build.
  const number = (n, digits) => n.toFixed(digits).replace(/\B(?=(\d{3})+(?!\d))/g, ",");
  PM.count = (n) => number(n, 0);
  /** Millimetres as kilometres or, below one kilometre, as metres. */
  PM.length = function (mm) {
    const m = mm / 1000;
    if (m === 0) return PM.t("km", { n: "0" });
    if (m < 1000) return PM.t("metres", { n: number(m, 0) });
    return PM.t("km", { n: number(m / 1000, m < 10000 ? 2 : m < 1e6 ? 1 : 0) });
  };
  /** A chainage as K12+300. */
  PM.chainage = function (mm) {
    const m = Math.round(mm / 1000);
    return "K" + Math.floor(m / 1000) + "+" + String(m % 1000).padStart(3, "0");
  };
  /** Minutes since midnight as 08:05, or '' for none. */
  PM.clock = (minute) => (minute < 0 ? "" : String(Math.floor(minute / 60)).padStart(2, "0") + ":" + String(minute % 60).padStart(2, "0"));
  /** A day number since 1970 as 2026-09-30, or '' for none. */
  PM.day = function (number) {
    return number <= -1048576 ? "" : new Date(number * 86400000).toISOString().slice(0, 10);
  };
})();
(function () {
  "use strict";
  const PM = self.PM;
  Object.assign(PM.WORDS, {
    search: ["搜名称、责任人、K12+300、拼音首字母", "Name, holder, K12+300 …"],
    search_none: ["没有找到", "Nothing found"],
    found_asset: ["对象", "Asset"], found_place: ["桩号", "Chainage"], found_holder: ["责任人", "Holder"],
    found_unit: ["单位", "Unit"], found_area: ["片区", "Area"], found_course: ["编号", "Code"], found_problem: ["问题", "Problem"],
    filters: ["筛选", "Filters"],
    clear: ["清除筛选", "Clear filters"],
    any: ["不限", "any"],
    unit: ["单位", "Unit"], holder: ["责任人", "Holder"], problem_kind: ["问题类型", "Problem kind"],
    problems_shown: ["显示问题", "Problems shown"],
    problems_all: ["全部", "all"], problems_open: ["未办结", "open"], problems_late: ["已超期", "overdue"], problems_none: ["不显示", "none"],
    period: ["时间", "Period"],
    period_all: ["不限时间", "Any time"],
    period_is: ["时间：{days}", "Period: {days}"],
    period_means: ["日期只筛选巡查、轨迹和问题；线的颜色仍是截至 {day} 的状态。", "The dates filter patrols, tracks and problems; the colours stay as of {day}."],
    period_from: ["起始日", "From day"], period_until: ["截止日", "Until day"],
    last_7: ["近7天", "7 days"], last_30: ["近30天", "30 days"],
    play: ["▶ 播放", "▶ Play"], pause: ["❚❚ 暂停", "❚❚ Pause"],
    seen_any: ["标出期内经过", "mark what was seen"], seen_seen: ["只看期内巡到的", "only seen then"], seen_unseen: ["只看期内没巡到的", "only not seen then"],
    period_note: ["每天确切巡查的公里数", "kilometres surely seen, day by day"],
    findings: ["疑点清单", "Findings"],
    findings_none: ["没有疑点", "No findings"],
    all_rules: ["全部疑点（{n}）", "All findings ({n})"],
    who_acts: ["由谁处理", "Who acts"], evidence: ["依据", "Evidence"], action: ["下一步", "Next step"],
    measure: ["测距", "Measure"],
    measure_hint: ["点地图逐点量，按 Esc 结束", "Click along the map, Esc ends"],
    print: ["打印", "Print"], print_a4: ["A4 横向", "A4 landscape"], print_a3: ["A3 横向", "A3 landscape"],
    share: ["复制链接", "Copy link"], copied: ["已复制", "Copied"], not_copied: ["复制不了，请手工选取：{text}", "Could not copy: {text}"],
    copy_card: ["复制本卡链接", "Link to this card"], open_segment: ["打开所在河段路段的公示牌", "Open the board of the stretch"], copy_place: ["复制位置", "Copy position"],
    navigate: ["导航到这里", "Navigate here"],
    datum_wgs84: ["WGS-84（手机定位、天地图）", "WGS-84 (GPS, Tianditu)"], datum_gcj02: ["GCJ-02（高德、腾讯）", "GCJ-02 (Amap, Tencent)"],
    datum: ["坐标系", "Datum"],
    open_amap: ["高德地图", "Amap"], open_tencent: ["腾讯地图", "Tencent Maps"], open_geo: ["手机自带地图", "Phone's own map"],
    other_signs: ["其他符号", "Other signs"],
    sign_water: ["水域：浅底", "waters: pale band"],
    sign_canal: ["渠道：断续底", "canal: broken band"], sign_road: ["道路：无底", "road: no band"],
    sign_declared: ["加点：仅申报，不算覆盖，{km}", "dots: only declared, not covered, {km}"],
    crowded: ["图上线太密的地方只画线：水域和渠道的底色、申报的点要放大才看得到。", "Where lines are crowded only lines are drawn: zoom in for the bands of waters and the dots of what was declared."],
    sign_many: ["多个问题", "several problems"], sign_area: ["片区边界", "area boundary"], sign_part: ["部位、公示牌", "part (dam, gate …)"],
    handover: ["空缺分给谁（建议）", "Who could take what nobody has"], handover_now: ["现在", "Now"], handover_then: ["建议后", "Then"],
    handover_post: ["岗位", "Post"], handover_nobody: ["无人可接", "nobody can take it"], handover_none: ["没有空缺", "no gap"], handover_why: ["为什么推荐", "Why this holder"], handover_says: ["分配说明与证明", "What is proven of this plan"],
    sign_seen: ["期内确切经过", "surely seen in the period"], sign_track: ["巡查轨迹", "raw track"],
    plan: ["巡查路线", "Planned routes"], plan_hours: ["{n} 小时", "{n} h"], plan_steps: ["{n} 步,点一步看位置", "{n} steps; click one to see it"],
    plan_start: ["起", "S"], plan_day: ["哪一天", "Which day"], plan_days: ["全部日期", "All days"],
    plan_note: ["粗线是巡查,细虚线是赶路;箭头是方向,数字是第几步", "thick: looking; thin dashes: only getting there; arrows: direction; numbers: steps"],
    made_of: ["资料：{office}；{crs}；截至 {day}", "Sources: {office}; {crs}; as of {day}"],
    of_office: ["本单位图层、责任表和巡查记录", "the office's layers, duty tables and patrol logs"],
    print_scale: ["比例尺约 1:{n}", "about 1:{n}"],
    north: ["北", "N"],
    approximate: ["底图已按 GCJ-02 平移，位置为近似", "background shifted from GCJ-02: approximate"],
    tiles_until: ["底图只带到第 {z} 级", "background inside down to zoom {z}"],
    locked: ["此图已加密，请输入密码", "This map is locked. Enter the password"],
    password: ["密码", "Password"], unlock: ["打开", "Open"],
    wrong: ["密码不对。忘记密码无法打开，请向制图单位索取。", "Wrong password. A forgotten one cannot be recovered: ask the office that made the map."],
    no_crypto: ["浏览器不允许在普通 http 网页上解密。请把本页另存到电脑，再从文件夹里打开。", "Browsers do not decrypt on plain http pages. Save this page to disk and open it from there."],
    opening: ["正在打开…", "Opening…"],
    skip: ["跳到地图", "Skip to the map"],
    sheet: ["展开或收起面板", "Resize the panel"],
    tracks_left_out: ["本页只带最近的 {n} 条轨迹，另有 {left} 条更早的未画", "This page holds the newest {n} tracks; {left} older ones are not drawn"],
    tracks_many: ["期内有 {n} 条轨迹，只画最近的 {most} 条", "{n} tracks in the period; only the newest {most} are drawn"],
    sign_unused: ["未采用的定位点 {n} 个：{why}", "{n} fixes not used: {why}"],
    sign_remarked: ["采用但有注记的定位点 {n} 个：{why}", "{n} fixes used with a remark: {why}"],
    flagged_left_out: ["本页只带最近的未采用和有注记的定位点，另有 {n} 个更早的未画", "This page holds the newest fixes that are not used or have a remark; {n} older ones are not drawn"],
    flagged_nowhere: ["另有 {n} 个定位点坐标不可能、远在图外或没有日期，画不出", "{n} fixes with impossible or far-off coordinates or no date cannot be drawn"],
    grey_unused: ["未采用的定位点", "Fixes not used"], grey_remarked: ["采用但有注记的定位点", "Fixes used with a remark"],
    grey_unused_means: ["这些点没有用来判定哪里巡到，原因如下。", "These fixes say nothing of where a patrol was, because:"],
    grey_remarked_means: ["这些点照常用来判定；停留不增加里程，中断的前后不连成一段。", "These fixes were used; standing still adds no metres, and nothing is credited across a pause."],
    grey_fixes: ["共 {n} 个点", "{n} in all"], grey_each: ["{why} {n} 个", "{why}: {n}"], grey_more: ["另有 {n} 处未列，放大后再点", "{n} more places: zoom in and click again"],
    rejects: ["另有 {n} 条资料未能使用，见检查表", "{n} input rows could not be used: see the check"],
    background: ["底图", "Background"], background_off: ["关闭底图", "No background"],
    too_big: ["资料太多，一页放不下：这里是总览，逐段的情况请打开各片区图幅。", "Too much for one page: this is the overview; open an area's sheet for the detail."],
    overview: ["总览", "Overview"], sheets: ["分片区图幅", "Sheets by area"],
  });
  // Words that stand in the data as fixed codes. Anything else is the office's own and said as it is.
  const TERMS = new Set(["river", "canal", "road", "reservoir", "pond", "province", "city", "county", "town",
    "village", "group", "registered", "assigned", "accepted", "done", "closed", "reopened", "foot", "bicycle",
    "motorcycle", "car", "boat", "drone"]);
  PM.term = (word) => (TERMS.has(word) ? PM.t(word) : word);
  PM.rule = function (name) {
    const rules = PM.about.meta.rules;
    return Object.prototype.hasOwnProperty.call(rules, name) ? rules[name][PM.language === "en" ? 1 : 0] : name;
  };
})();
