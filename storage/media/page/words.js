"use strict";
/* The texts of the page, in English and Chinese, and the language that is chosen. */
window.earwitness = {};
(() => {
  const en = {
    skip: "Go to the calls", calls: "Calls", call: "Call", search: "Search", close: "Close",
    searchHint: "Number, name, agent:8001, tag:complaint …", since: "From day", until: "To day",
    state: "State", any: "any", audible: "With recording", whole: "Whole numbers", keys: "Keyboard",
    time: "Start", way: "State", from: "From", to: "To", agent: "Agent", tags: "Tags", length: "Length",
    answered: "answered", missed: "missed", busy: "busy", cancelled: "cancelled", failed: "failed",
    "media-only": "media only", inbound: "inbound", outbound: "outbound", internal: "internal",
    unknown: "unknown direction",
    loading: "Loading …", shown: "{n} calls", shownOne: "{n} call", shownOf: "{n} of {all} calls",
    searching: "{n} found, {done} of {days} days searched …", found: "{n} calls found", foundOne: "{n} call found",
    happened: {
      ringing: "ringing", answered: "answered", hold: "hold", resume: "resume", dtmf: "keys pressed",
      end: "end", transfer: "transfer", left: "left the call", "transfer-failed": "transfer failed",
      joined: "joined the call", transferred: "went on in another call", conference: "conference",
      cancelled: "cancelled", "no-answer": "did not answer", rejected: "rejected", "bad-sdp": "media description unreadable",
      "end-not-seen": "end not seen", "recorder-restarted": "recorder restarted", encrypted: "encrypted",
      fax: "fax", modem: "modem",
    },
    noCalls: "There are no calls on this medium yet.", noneFit: "No call fits this search.",
    noList: "The list of calls is missing on this medium. Its calls are in the folders by year; "
      + "`earwitness browse` finds them without the list.",
    lostDays: "Days that could not be read: {n}.",
    player: "Recording", back: "Back {n} s", ahead: "Ahead {n} s", speed: "Speed", noAudio: "There is no recording of this call.",
    noSound: "This recording cannot be played here: the file is missing or damaged, or in a format that no browser plays (ADPCM, GSM).",
    altered: "This recording cannot be played: it, or its key, is damaged or not the one that was archived here.",
    file: "Recording", sidecar: "All that is known of it", end: "End", duration: "Talk time", direction: "Direction",
    team: "Team", codecs: "Codecs", dtmf: "Keys pressed", events: "What happened", unrecorded: "Not recorded",
    closed: "Encrypted", closedYes: "in part, without a key", id: "Id", e164: "International", legs: "Other legs", seconds: "{n} s",
    callerName: "Caller", calledName: "Called party",
    unlockTitle: "This medium is encrypted", unlockLead: "Give the passphrase or a key file. Both stay on this computer.",
    passphrase: "Passphrase", keyFile: "or key file", unlock: "Open", opening: "Opening …",
    wrongKey: "This does not open the medium.", needOne: "Give a passphrase or a key file.",
    noCrypto: "This browser does not let pages from a disk decrypt. Use a current Chromium, Edge or Firefox, or `earwitness browse`.",
    folder: "Choose the folder of this medium to hear encrypted calls", noFile: "{name} is not in the folder that was chosen. Open the call again to choose another.",
    noCallKey: "The key of this call is not in the folder, or what was given does not open it.",
    keySearch: "Search", keyMove: "Next, previous call", keyPage: "A page on, back", keyEnds: "Newest, oldest call", keyOpen: "Open and play, pause",
    keySeek: "5 seconds back, ahead", keySeek15: "15 seconds back, ahead", keyClose: "Close the call", keyHelp: "This list", language: "中文",
  };
  const zh = {
    skip: "跳到通话列表", calls: "通话", call: "通话详情", search: "搜索", close: "关闭",
    searchHint: "号码、姓名、agent:8001、tag:投诉 …", since: "开始日期", until: "结束日期",
    state: "状态", any: "全部", audible: "仅有录音", whole: "显示完整号码", keys: "键盘",
    time: "开始时间", way: "状态", from: "主叫", to: "被叫", agent: "坐席", tags: "标签", length: "时长",
    answered: "已接通", missed: "未接", busy: "忙线", cancelled: "已取消", failed: "失败",
    "media-only": "仅媒体", inbound: "呼入", outbound: "呼出", internal: "内部",
    unknown: "方向未知",
    loading: "正在加载…", shown: "{n} 通电话", shownOf: "{n} / {all} 通电话",
    searching: "找到 {n} 通，已搜索 {done} / {days} 天…", found: "找到 {n} 通电话",
    happened: {
      ringing: "振铃", answered: "接听", hold: "保持", resume: "恢复", dtmf: "按键", end: "结束", transfer: "转接",
      left: "离开通话", "transfer-failed": "转接失败", joined: "加入通话", transferred: "转入另一通话", conference: "会议",
      cancelled: "取消", "no-answer": "未接听", rejected: "拒接", "bad-sdp": "媒体描述无法读取", "end-not-seen": "未见结束",
      "recorder-restarted": "录音设备重新启动", encrypted: "加密", fax: "传真", modem: "调制解调器",
    },
    noCalls: "此介质上还没有通话。", noneFit: "没有符合条件的通话。",
    noList: "此介质上缺少通话列表。通话在按年份命名的文件夹中；用 `earwitness browse` 无需列表也能找到。",
    lostDays: "有 {n} 天的列表无法读取。",
    player: "录音", back: "后退 {n} 秒", ahead: "前进 {n} 秒", speed: "速度", noAudio: "此通话没有录音。",
    noSound: "无法在此播放此录音：文件缺失或已损坏，或为浏览器不支持的格式（ADPCM、GSM）。",
    altered: "无法播放此录音：录音或其密钥已损坏，或不是归档在此处的那一份。",
    file: "录音文件", sidecar: "全部信息", end: "结束时间", duration: "通话时长", direction: "方向",
    team: "班组", codecs: "编码", dtmf: "按键", events: "事件", unrecorded: "未录到",
    closed: "加密", closedYes: "部分内容因缺少密钥未能解开", id: "编号", e164: "国际格式", legs: "其他通话段", seconds: "{n} 秒",
    callerName: "主叫方", calledName: "被叫方",
    unlockTitle: "此介质已加密", unlockLead: "请输入口令或选择密钥文件。两者都不会离开这台电脑。",
    passphrase: "口令", keyFile: "或密钥文件", unlock: "打开", opening: "正在打开…",
    wrongKey: "无法用它打开此介质。", needOne: "请输入口令或选择密钥文件。",
    noCrypto: "此浏览器不允许从磁盘打开的页面解密。请使用新版 Chromium、Edge 或 Firefox，或使用 `earwitness browse`。",
    folder: "选择此介质的文件夹，即可收听加密的通话", noFile: "所选文件夹中没有 {name}。请重新打开此通话并选择其他文件夹。",
    noCallKey: "文件夹中没有此通话的密钥，或所给的口令、密钥无法打开它。",
    keySearch: "搜索", keyMove: "下一通、上一通", keyPage: "下一页、上一页", keyEnds: "最新、最早的通话", keyOpen: "打开并播放、暂停",
    keySeek: "后退、前进 5 秒", keySeek15: "后退、前进 15 秒", keyClose: "关闭通话", keyHelp: "此列表", language: "English",
  };
  const texts = { en, zh };
  const remembered = () => {
    try { return localStorage.getItem("earwitness.language"); } catch { return null; }
  };
  const first = remembered() ?? (navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en");
  const words = {
    all: texts,
    language: first in texts ? first : "en",
    /** The text of this name, with {name} filled in; of one thing where it has a form of its own for that. */
    say(name, values = {}) {
      const all = texts[words.language];
      const text = (String(values.n) === "1" && all[`${name}One`]) || (all[name] ?? name);
      return text.replace(/\{(\w+)\}/g, (_, key) => String(values[key]));
    },
    /** What happened in a call; the recorder's word for what has none here. */
    event: (kind) => texts[words.language].happened[kind] ?? kind,
    /** Change to the other language; remembered where the browser lets a page from a disk remember. */
    turn() {
      words.language = words.language === "zh" ? "en" : "zh";
      try { localStorage.setItem("earwitness.language", words.language); } catch { /* for this visit only */ }
    },
    /** Put the texts into everything that names one. */
    apply() {
      document.documentElement.lang = words.language === "zh" ? "zh-CN" : "en";
      for (const each of document.querySelectorAll("[data-text]")) each.textContent = words.say(each.dataset.text);
      for (const each of document.querySelectorAll("[data-hint]")) each.placeholder = words.say(each.dataset.hint);
      for (const each of document.querySelectorAll("[data-label]")) each.setAttribute("aria-label", words.say(each.dataset.label));
    },
  };
  window.earwitness.words = words;
})();
