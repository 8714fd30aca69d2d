"""Say the words of the panel of runs: analysing, managing and comparing them, as key -> (Chinese, English)."""

from __future__ import annotations

RUN_WORDS = {
    "tab_runs": ("批次", "Runs"),
    # Analysing
    "runs_analyze": ("运行分析", "Run an analysis"),
    "runs_start": ("运行分析", "Run the analysis"),
    "runs_options": ("选项", "Options"),
    "runs_at": ("数据日期（空：今天）", "Date of the data (empty: today)"),
    "runs_target_height": ("目标高度（米）", "Height of the target (m)"),
    "runs_domain_auto": ("自动", "automatic"),
    "runs_zones": ("区域图层（不选：全部）", "Zone layers (none: all)"),
    "runs_bad_height": (
        "目标高度须大于 0 且不超过 100 米",
        "The height of the target must be above 0 and at most 100 m",
    ),
    "runs_takes": (
        "上一批次：{cameras} 台摄像机、{grids} 个网格，用了 {seconds} 秒；这次大约 {expected} 秒，可在后台进行。",
        "The last run: {seconds} s, {cameras} cameras, {grids} grids; this one: about {expected} s in the background.",
    ),
    "runs_takes_unknown": (
        "还没有批次可参照：几千台摄像机的县通常不到一分钟。",
        "There is no run to go by: a county of some thousand cameras usually takes less than a minute.",
    ),
    "runs_waiting": ("已提交，等待开始…", "Accepted; waiting to begin…"),
    "runs_running": ("{percent} %　{step}", "{percent} %  {step}"),
    "runs_progress": ("分析进度", "Progress of the analysis"),
    "runs_cancel": ("取消分析", "Cancel the analysis"),
    "runs_cancelled": ("已取消，没有产生批次", "Cancelled; there is no new run"),
    "runs_cancelling": ("正在取消…", "Cancelling…"),
    "runs_done": ("分析完成：{run}", "The analysis is done: {run}"),
    "runs_job_failed": ("分析未成：{reason}", "The analysis failed: {reason}"),
    "runs_refused": ("未能完成：{reason}", "That was not possible: {reason}"),
    "runs_open_new": ("打开新批次", "Open the new run"),
    # Managing
    "runs_list": ("全部批次", "All runs"),
    "runs_none": ("还没有批次", "There is no run yet"),
    "runs_shown": ("正在看", "on this page"),
    "runs_published": ("已发布", "published"),
    "runs_stands_in": ("默认显示", "shown by default"),
    "runs_unpublished": ("未发布", "not published"),
    "runs_open": ("打开", "Open"),
    "runs_publish": ("发布", "Publish"),
    "runs_delete": ("删除", "Delete"),
    "runs_publish_ask": (
        "发布“{run}”？此后所有人默认看到它。",
        "Publish “{run}”? From then on everybody sees it by default.",
    ),
    "runs_delete_ask": (
        "删除“{run}”？它的结果不能恢复，摄像机等数据不受影响。",
        "Delete “{run}”? Its results cannot be brought back; cameras and other data stay as they are.",
    ),
    "runs_keep": ("不做", "Leave it"),
    "runs_did_publish": ("已发布：{run}", "Published: {run}"),
    "runs_did_delete": ("已删除：{run}", "Deleted: {run}"),
    "runs_who": (
        "发布、命名由 admin 做；planner 可删除自己的、从未发布的批次。",
        "An admin publishes and names runs; a planner may delete runs of its own that were never published.",
    ),
}
