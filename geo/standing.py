"""Say of every segment, level by level, how it stands."""

# In the order in which they hide one another: the first that is true colours the segment.
STATES = (
    "unassigned",  # 未分配: a required holder is missing on some metre
    "conflicting",  # 责任重叠: two holders in one post
    "never",  # 从未巡查: no metre was ever surely seen
    "overdue",  # 逾期: seen once, but not within the period its rule asks
    "unsure",  # 存疑: only unsure evidence within the period
    "partial",  # 部分巡查: part of it seen within the period
    "covered",  # 已覆盖
    "out_of_scope",  # 不作要求: no holder and no patrol is required
)
