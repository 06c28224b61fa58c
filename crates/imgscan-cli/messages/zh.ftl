# 命令行自身的文字（简体中文）。en.ftl 为相同内容的英文。

### 帮助：命令
help-imgscan-about = 离线读取磁盘镜像：不启动，不挂载
help-imgscan-usage = imgscan [选项] <命令>
help-scan-about = 按策略判定镜像：退出码 0 通过，1 不通过，3 需人工复核
help-scan-usage = imgscan scan [选项] <IMAGE>
help-info-about = 描述镜像：容器、卷、文件系统、操作系统及其清单
help-info-usage = imgscan info [选项] <IMAGE>
help-ls-about = 列出镜像内的目录
help-ls-usage = imgscan ls [选项] <IMAGE> [PATH]
help-cat-about = 将镜像内的文件写到标准输出
help-cat-usage = imgscan cat [选项] <IMAGE> <PATH>
help-extract-about = 将镜像内的文件提取到文件夹；每个镜像读取的总字节数不超过其大小的 64 倍加 16 GiB
help-extract-usage = imgscan extract [选项] -C <DIR> <IMAGE> [PATHS]...
help-hash-about = 输出每个普通文件与数据流的 SHA-256；每个镜像读取的总字节数不超过其大小的 64 倍加 16 GiB
help-hash-usage = imgscan hash [选项] <IMAGE> [PATH]
help-reg-about = 显示 Windows 注册表的键
help-reg-usage = imgscan reg [选项] <IMAGE> <KEY>
help-kernel-about = 列出 Linux 镜像下次启动时在 ring 0 运行的内容，以及各自的证明程度
help-kernel-usage = imgscan kernel [选项] <IMAGE>
help-autoruns-about = 列出 Windows 镜像中自动运行的内容及其依据
help-autoruns-usage = imgscan autoruns [选项] <IMAGE>
help-diff-about = 比较镜像与其基准镜像：退出码 0 相同，1 不同
help-diff-usage = imgscan diff [选项] <BASE> <IMAGE>
help-baseline-about = 维护可信的内核、模块与引导文件库
help-baseline-usage = imgscan baseline <命令>
help-baseline-add-about = 加入镜像、deb 或 rpm 软件包、文件夹中的文件
help-baseline-add-usage = imgscan baseline add --db <FILE> <WHAT>...
help-baseline-list-about = 列出库中的文件
help-baseline-list-usage = imgscan baseline list --db <FILE>
help-baseline-verify-about = 将镜像、软件包或文件夹与库比较：退出码 0 相同，1 不同，3 无记录
help-baseline-verify-usage = imgscan baseline verify --db <FILE> <WHAT>
help-digest-about = 输出虚拟磁盘的 SHA-256 与大小：同一磁盘的任何容器结果相同
help-digest-usage = imgscan digest [选项] <IMAGE>

### 帮助：参数
help-arg-help = 显示帮助
help-arg-version = 显示版本
help-arg-lang = 消息的语言：en 或 zh；默认取自 LC_ALL、LC_MESSAGES、LANG
help-arg-sandbox = 在不能打开文件、启动程序或建立连接的进程中读取镜像：auto（内核支持多少用多少，默认）、require（必须完整，否则结束）、off；也可用 IMGSCAN_SANDBOX
help-arg-max-read = 最多读取镜像的字节数，超出部分记为未读：默认 68719476736，cat、hash、digest、extract 不限；也可用 IMGSCAN_MAX_READ
help-arg-max-steps = 对镜像文件系统最多查询的次数：默认 20000000，cat、hash、digest、extract 不限；也可用 IMGSCAN_MAX_STEPS
help-arg-max-memory = 处理镜像时最多同时占用的内存字节数，超出部分记为未读：默认 536870912；也可用 IMGSCAN_MAX_MEMORY
help-arg-max-time = 命令最多运行的秒数：输出文档的命令默认 900，逐段输出的命令默认不限；也可用 IMGSCAN_MAX_TIME
help-arg-image = 磁盘镜像（raw 或 qcow2）
help-arg-backing-dir = 另一个文件夹：镜像所引用的文件（后备文件、数据文件）可在其中打开
help-arg-snapshot = 读取此内部快照（名称或编号），而不是当前状态
help-arg-format = 输出格式：text（供人阅读，默认）或 json（供程序读取）
help-arg-output = 写入此文件，而不是标准输出：要么完整写入，要么不写
help-arg-trust = 另将此文件中的证书视为固定证书（DER，或含多个证书的 PEM）
help-arg-baseline = 可信文件库：由 imgscan baseline add 生成
help-arg-declaration = 服务商对其产品的声明：以摘要或发布者指定的文件（YAML）
help-arg-db = 可信文件库
help-arg-what = 磁盘镜像、软件包（.deb、.rpm），或存放软件包或系统文件的文件夹
help-scan-arg-policy = 内置策略的名称，或策略文件（含有点或斜杠）；默认 tencent-marketplace
help-scan-arg-image-sha256 = 在报告中写入整个镜像文件的 SHA-256
help-kernel-arg-policy = 说明内核参数作用的内置策略的名称，或策略文件；默认 tencent-marketplace
help-kernel-arg-explain = 为每个对象给出用其他工具重复验证的命令
help-autoruns-arg-policy = 内置策略的名称或策略文件，用于判定条目是否有据可查；默认为 tencent-marketplace
help-autoruns-arg-unexplained = 仅列出无依据说明的条目
help-diff-arg-base = 基准镜像：镜像由其制作
help-baseline-add-arg-force = 即使镜像中有文件被修改或替换（K0 与 K1 级）也添加
help-baseline-add-arg-db = 可信文件库；不存在则新建
help-ls-arg-path = 目录或文件：p2:/path 指卷 p2；/path 指唯一的卷，有多个卷含文件时指操作系统（含其挂载）；也可用报告中的 Windows 位置（p2:C:/path、C:\path）；默认为根目录
help-ls-arg-long = 长格式：模式、链接数、所有者、组、大小、修改时间（UTC）、名称
help-ls-arg-recursive = 列出其下所有内容，包括挂载于其中的卷
help-ls-arg-format = 输出格式：text（默认）或 json（每行一个对象）
help-cat-arg-path = 文件：p2:/path 指卷 p2；/path 指唯一的卷或操作系统；也可用报告中的 Windows 位置（p2:C:/path、C:\path、C:/path:stream）
help-cat-arg-stream = 读取此命名数据流（NTFS），而不是主要内容
help-extract-arg-paths = 目录或文件：p2:/path 指卷 p2；/path 指唯一的卷，有多个卷含文件时指操作系统（含其挂载）；也可用报告中的 Windows 位置（p2:C:/path、C:\path）；默认逐卷提取全部
help-extract-arg-dir = 写入的文件夹；绝不写到它之外
help-extract-arg-hives = 不给出路径，而是提取镜像内全部注册表 hive 及其日志
help-extract-arg-force = 替换文件夹中已有的文件与链接；不加此选项时保留已有内容，逐个说明未提取，退出码为 2
help-extract-arg-special-bits = 保留 set-user-id、set-group-id 与粘滞位
help-hash-arg-path = 目录或文件：p2:/path 指卷 p2；/path 指唯一的卷，有多个卷含文件时指操作系统（含其挂载）；也可用报告中的 Windows 位置（p2:C:/path、C:\path）；默认逐卷计算全部
help-reg-arg-image = 磁盘镜像，或单独的 hive 文件
help-reg-arg-key = HKLM\SYSTEM\CurrentControlSet\...、HKU\用户名或 SID\...；对于 hive 文件或使用 --hive 时，从其根开始（\ 即根）
help-reg-arg-value = 只显示此值；'' 为默认值
help-reg-arg-recursive = 显示其下所有的键
help-reg-arg-format = 输出格式：text（默认）、json 或 reg（与 regedit 导出相同：5.00 版，UTF-16）
help-reg-arg-hive = 镜像内此文件中的 hive（/path，或 p2:/path 指卷 p2）
help-reg-arg-logs = hive 文件的日志（NAME.LOG1、NAME.LOG2 或 NAME.LOG），替代其旁边的日志

### 用法
ui-usage = 用法：{ $usage }
ui-commands = 命令
ui-arguments = 参数
ui-options = 选项
ui-at = { $place }：{ $what }
ui-standard-output = 标准输出
ui-command = 命令
usage-see-help = { $problem }（用法见 imgscan --help）
usage-did-you-mean = { $problem }；是否指 { $suggestion }？
usage-no-value = 参数 { $arg } 缺少值
usage-bad-value = 参数 { $arg } 的值“{ $value }”无效
usage-bad-value-of = 参数 { $arg } 的值“{ $value }”无效；可用的值：{ $valid }
usage-unknown-argument = 未知参数 { $arg }
usage-unknown-command = 未知命令 { $command }
usage-no-command = 缺少命令
usage-twice = 参数 { $arg } 重复
usage-conflict = 参数 { $arg } 不能与 { $other } 同时使用
usage-missing = 缺少参数 { $arg }
usage-values = 参数 { $arg } 的值的个数不对
usage-not-utf8 = 有参数不是 UTF-8 编码
usage-other = 无法理解所给参数

### 本机文件
host-cannot-write = 无法写入 { $what }：{ $why }
host-not-found = 文件或文件夹不存在
host-denied = 没有权限
host-exists = 已存在
host-folder = 这是一个文件夹
host-no-folder = 这不是文件夹
host-busy = 正在使用：另一个 imgscan 正向其中提取
host-full = 磁盘已满
host-read-only = 文件系统为只读
host-too-long = { $file } 超过 { $limit } 字节
host-not-regular = { $file } 不是普通文件；未写入任何内容
host-is-input = { $file } 就是镜像本身；未写入任何内容

### 沙箱
sandbox-landlock = Landlock
sandbox-seccomp = 系统调用过滤（{ $why }）
sandbox-without = 内核不支持 { $what }，沙箱不含此项（docs/sandbox.md）
sandbox-required = 内核不支持 { $what }，而 --sandbox=require 要求具备
sandbox-threads = 进入沙箱过晚
sandbox-not-entered = 未进入沙箱
sandbox-no-child = 无法启动读取镜像的进程：{ $why }（--sandbox=off 可不使用沙箱）
sandbox-no-answer = 无法请求打开该文件
sandbox-not-asked = 沙箱请求了不予打开的文件
sandbox-ended = 提前结束：{ $why }
sandbox-ended-at = 在步骤“{ $step }”提前结束：{ $why }
sandbox-time = 超过了 { $seconds } 秒（--max-time）
sandbox-cpu = 超过了允许的处理器时间（--max-time）
sandbox-memory = 所需内存超过允许的上限
sandbox-stack = 栈溢出，属 imgscan 内部错误
sandbox-signal = 读取镜像的进程被信号 { $signal } 终止
sandbox-code = 读取镜像的进程以代码 { $code } 结束
sandbox-no-document = 读取镜像的进程结束时没有给出报告
sandbox-document = 文档超过 { $most } 字节
sandbox-garbled = 读取镜像的进程发来的内容无法理解

### 进度
progress-opening = 打开镜像
progress-systems = 查找操作系统
progress-hashing = 计算镜像的摘要

### 卷与路径
volume-holds = { $volume } 的内容为 { $what }
volume-with = { $volume }（{ $what }）
volume-none-there = 无
volume-several = 有多个卷含有文件；请指明其一，如 p1:/path：{ $volumes }
volume-unknown = 没有卷 { $volume }；现有：{ $volumes }
volume-no-files = 没有任何卷含有文件系统；现有：{ $volumes }
budget-spent = 未读取：它有 { $bytes } 字节，而每个镜像至多读取 { $whole } 字节（其大小的 { $times } 倍加 16 GiB），现仅余 { $left } 字节

### baseline
baseline-added = { $name }：{ $count } 个文件，其中 { $new } 个为新增
baseline-differs = 不同：{ $path } { $sha256 }
baseline-not-known = 无记录：{ $path } { $sha256 }
baseline-verified = { $name } 与 { $db } 比较：相同 { $equal } 个，不同 { $different } 个，无记录 { $absent } 个
baseline-too-deep = 文件夹层级过深，其下内容未处理
baseline-own-level = { $name }：其自身级别为 { $level }
baseline-refused = { $path } 为 { $level } 级：已被修改或替换
baseline-not-added = { $name }：未添加任何文件，因为有 { $count } 个文件已被修改或替换；使用 --force 可强制添加
baseline-unproven = { $name }：有 { $count } 个文件未经证明，其级别已记入库中

### extract
extract-no-hives = 镜像的任何卷中都没有注册表 hive
extract-special = 未提取：{ $kind ->
    [char-device] 字符设备
    [block-device] 块设备
    [fifo] 管道
    [socket] 套接字
   *[other] 特殊文件
 }
extract-renamed = 以名称 { $name } 提取
extract-too-deep = 未提取：目录超过 { $most } 层
extract-exists = 未提取：文件夹中已有同名内容（--force 可替换）
extract-failed = 未提取：{ $why }
extract-not-finished = 无法设置权限与时间：{ $why }

### reg
reg-not-utf8 = 注册表名称须为 UTF-8 编码
reg-no-key = { $path } 下没有键“{ $key }”
reg-no-value = { $path } 下没有值“{ $value }”
reg-next-boot = CurrentControlSet：下次启动使用控制集 { $next }（此处所示）；上次启动使用 { $current }
reg-logs-for-hive-files = --logs 仅用于单独的 hive 文件；镜像中的日志会自动使用
reg-no-file = { $path }：文件不存在
reg-no-hive = 镜像中没有加载于 { $root } 的 hive；现有：{ $roots }
reg-several-hives = 镜像中有多个 hive 加载于 { $root }；请用 --hive 指明其一：{ $files }
reg-log-name = --logs { $file }：文件名应以 .LOG1、.LOG2 或 .LOG 结尾
reg-log-twice = --logs { $file }：该类日志重复
reg-replayed = { $file }：未完整写入；已从以下日志重放 { $entries } 条、{ $pages } 页：{ $logs }
reg-no-current-user = 镜像没有当前用户；请指明用户：HKU\用户名或 SID\...
reg-classes-root = HKCR 在运行时合成；请使用 HKLM\SOFTWARE\Classes 或 HKU\用户名_Classes
reg-current-config = HKCC 是 HKLM\SYSTEM\CurrentControlSet\Hardware Profiles\0001 等键的别名；请直接指明
reg-no-root = 镜像中的键须以 HKLM\ 或 HKU\ 开头；使用 --hive 时相对于该 hive
reg-name-a-hive = 请指明 hive：HKLM\SYSTEM、HKLM\SOFTWARE、HKU\用户名或 SID
reg-to-terminal = -f reg 不写到终端：请重定向到文件或管道
reg-output-failed = 输出失败
reg-unfit-key = 键名“{ $name }”无法写入 .reg 文件：已略去
reg-unfit-value = 值名“{ $name }”无法写入 .reg 文件：已略去
reg-left-out = 已略去：{ $name }
reg-left-out-because = 已略去：{ $name }：{ $why }
reg-written = 最后写入 { $time }，位于 { $file } 的字节 { $offset }
reg-never-written = 没有写入时间，位于 { $file } 的字节 { $offset }
reg-default = （默认）
reg-and-bytes = { $shown }  字节 { $bytes }
reg-more-bytes = { $bytes }...（共 { $count } 字节）

### 策略
help-policy-about = 查看策略：列出、显示、导出、校验、说明
help-policy-usage = imgscan policy <命令>
help-policy-list-about = 列出内置策略
help-policy-list-usage = imgscan policy list
help-policy-show-about = 显示策略及其检测项，或显示某检测项当前生效的参数
help-policy-show-usage = imgscan policy show [选项] <ID>
help-policy-export-about = 以 YAML 输出内置策略，修改后可用 --policy 指定
help-policy-export-usage = imgscan policy export <NAME>
help-policy-validate-about = 校验策略文件：逐项给出行、列与建议；退出码 0 有效，2 无效
help-policy-validate-usage = imgscan policy validate <FILE>
help-policy-explain-about = 说明检测项：要求、参数与修复方法
help-policy-explain-usage = imgscan policy explain [选项] <CHECK>
help-explain-about = 说明检测项：要求、参数与修复方法
help-explain-usage = imgscan explain [选项] <CHECK>
help-policy-show-arg-id = 内置策略、策略文件（含点或斜杠），或检测项编号
help-policy-show-arg-policy = 检测项所属的策略
help-policy-export-arg-name = 内置策略
help-policy-validate-arg-file = 策略文件
help-policy-explain-arg-check = 检测项编号（LNX-NET-001）
help-policy-explain-arg-policy = 检测项所属的策略
help-explain-arg-check = 检测项编号（LNX-NET-001）
help-explain-arg-policy = 检测项所属的策略
policy-headline = { $id } { $revision }：{ $title }，共 { $count } 项检测
policy-digest = SHA-256：{ $sha256 }
policy-base = 扩展自 { $id } { $revision }（SHA-256 { $sha256 }）
policy-check = { $id } { $title }（{ $gate }，{ $severity }）
policy-sound = 策略有效
policy-explained = { $id }：{ $title }
policy-system = 系统：{ $os }
policy-any-system = 不限
policy-clauses = 条款：{ $clauses }
policy-gate = 不满足时：{ $gate }（严重程度：{ $severity }）
policy-test = 检测程序：{ $test }
policy-parameter = 参数 { $name }：{ $value }
policy-fix = 修复方法：{ $fix }
policy-no-check = 策略 { $policy } 中没有检测项 { $id }；可用 imgscan policy show { $policy } 列出
policy-gate-block = 镜像不通过
policy-gate-review = 转人工复核
policy-gate-advisory = 仅为建议
policy-gate-info = 仅供参考
policy-severity-info = 信息
policy-severity-low = 低
policy-severity-medium = 中
policy-severity-high = 高
policy-severity-critical = 严重
