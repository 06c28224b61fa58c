# 所有面向用户的文字（简体中文）。en.ftl 为相同内容的英文。

### 错误：通用部分
error = { $detail }（{ $layer }，{ $kind }）
error-at = { $detail }（{ $layer }，{ $kind }，字节 { $at }）
error-within = { $place }：{ $detail }
error-io = 无法读取 { $what }：{ $why }
error-io-not-found = 无法打开 { $what }：文件不存在
error-io-denied = 无法打开 { $what }：没有权限
error-io-folder = 无法读取 { $what }：这是一个文件夹
error-io-full = 无法写入 { $what }：磁盘已满
error-io-short = 无法读取 { $what }：文件提前结束
error-past-end = 读取 { $bytes } 字节时越过了位于字节 { $size } 的末尾
error-internal = { $what } 因 imgscan 内部错误而中止：{ $text }
layer-source = 本机文件
layer-raw = raw 镜像
layer-qcow2 = qcow2
layer-container = 镜像容器
layer-gpt = GPT
layer-mbr = MBR
layer-volume = 卷
layer-ext = ext 文件系统
layer-ntfs = NTFS
layer-fat = FAT
layer-guest = 系统
layer-hive = 注册表 hive
layer-event-log = 事件日志
layer-packages = 软件包数据库
layer-config = 配置文件
layer-boot = 引导配置
layer-pe = PE 映像
layer-signature = 签名
layer-kernel = 内核映像
layer-cpio = cpio 归档
layer-policy = 策略
kind-io = 读取错误
kind-unsupported = 不支持
kind-corrupt = 已损坏
kind-denied = 已拒绝
kind-limit = 达到上限
kind-not-found = 未找到
kind-notice = 提示
kind-internal = imgscan 内部错误

### 错误：文件与容器

### 错误：卷

### 错误：ext

### 错误：NTFS

### 错误：FAT 与文件系统通用

### 错误：hive

### 错误：事件日志

### 错误：系统

### 错误：软件包、rpm、可信文件库

### 错误：签名、内核、归档
error-signature-digest-refused = { $key } 密钥的 { $digest } 签名不能作为证明：该密钥不接受此摘要算法
error-signature-key-short = { $key } 密钥的 { $digest } 签名不能作为证明：密钥不足 { $bits } 位
error-signature-key-exponent = { $key } 密钥的签名不能作为证明：公钥指数超过 { $bits } 位
error-signature-key-unsound = { $key } 密钥的签名不能作为证明：密钥无效
error-signature-curve = 本版本不支持验证曲线 { $curve } 上的密钥
error-module-unread = 无法读取该模块，或无法读取验证它所用的密钥

### 错误：证据（Linux）

### 错误：证据（Windows）

### ring 0：级别及理由

### 证据用语（Linux）

### 证据用语（Windows）

### 策略：加载与校验

### 检测项：通用
check-gaps = 无法判定：有 { $count } 处未能读取，首处为 { $place }
check-gaps-nowhere = 无法判定：有 { $count } 处未能读取
check-no-such-test = 策略指定的检测 { $test } 不存在
check-bad-parameter = 策略参数 { $path } 不适用：{ $problem }
check-error = 检测项出错：{ $error }
check-no-system = 在镜像可读取的部分中未找到操作系统
check-other-system = 该规则针对其他操作系统
fix-gap-unsupported = 将未读取的部分改为 imgscan 可读取的形式（不加密、使用受支持的文件系统），然后重新扫描
fix-gap-limit = 移除超出上限的内容（见未读取的部分），然后重新扫描
fix-gap-io = 使镜像文件可读，然后重新扫描
fix-gap-corrupt = 修复未读取的部分（检查文件系统、正常关机），重新制作镜像后再次扫描
secret-masked = <已隐去，{ $count } 个字符>
fix-more = 其余所列各项照此处理

### 检测项：整个镜像
meta-001-title = 镜像的所有内容均可读取
meta-001-fix = 使所列部分可读取（不加密、使用受支持的文件系统、正常关机），然后重新制作镜像
meta-001-warn = 镜像中有 { $count } 处无法读取
meta-001-pass = 所有卷均已读取
meta-003-title = 制作镜像前系统已关机
meta-003-fix = 关闭系统（Linux：poweroff，Windows：shutdown /s /t 0），然后重新从磁盘制作镜像
meta-003-warn = 有 { $count } 处迹象表明镜像取自运行中的系统
meta-003-pass = 未发现镜像取自运行中系统的迹象
meta-003-no-volumes = 无法确定该系统有哪些卷
meta-003-unmounted = { $kind }：已正常卸载
meta-003-mounted = 文件系统未正常卸载
meta-003-closed = 已正常卸载
meta-003-left-over = 仅运行中的系统才会产生
meta-003-absent = 不存在
meta-003-present = 存在
meta-003-shutdown = 最后一次启停记录为关机：第 { $record } 条，共 { $records } 条
meta-003-no-shutdown = 最后一次启动之后没有关机记录
meta-003-reboot = reboot，第 { $record } 条，共 { $records } 条
meta-003-journal = 未读取 systemd 日志
meta-003-hive = hive 未正常关闭
meta-003-equal-numbers = 两个序列号相同
meta-003-event = 事件 { $id }，记录 { $record }，{ $time }
meta-003-stop-event = 最后一次启停记录为停止：{ $event }
meta-003-no-stop-event = 最后一次启动之后没有停止记录
meta-003-stop-wanted = 事件 { $id }

### 检测项：Linux 组件
lnx-agent-001-title = 主机安全组件已安装并自启动
lnx-agent-001-fix = 制作镜像前从控制台重新安装主机安全组件（云镜），并保留其 crontab 或 rc.local 启动项
lnx-agent-002-title = 监控组件已安装并自启动
lnx-agent-002-fix = 使用官方脚本重新安装监控组件（barad_agent 与 stargate），并保留 /etc/cron.d/sgagenttask
linux-agent-complete = { $agent }已安装并自启动
linux-agent-modern = { $agent }已安装并自启动（比规范中列出的组件更新）
linux-agent-incomplete = { $agent }会自启动，但缺少其守护程序
linux-agent-conditional = { $agent }已安装，但仅在运行时条件成立时才会启动
linux-agent-runner-disabled = { $agent }已安装且有启动项，但负责执行启动项的守护进程未启用
linux-agent-not-started = { $agent }已安装，但没有任何有效的启动项
linux-agent-broken = { $agent }的目录存在，但其程序缺失或无法运行
linux-agent-optional = 未安装该组件，策略也未要求
linux-agent-absent = 未安装：{ $agents }
linux-agent-program = 组件程序
linux-agent-no-program = 目录中没有该组件的程序
linux-agent-unusable = 组件程序不可用：{ $why }
linux-agent-expected-elf = 属主为 root 的可执行 ELF 程序
linux-agent-expected-file = 属主为 root 的可执行文件
linux-agent-size = { $size } 字节
linux-agent-size-and-mode = { $size } 字节，权限 { $mode }
linux-agent-other-program = 是指向其他程序的符号链接
linux-agent-not-regular = 不是普通文件
linux-agent-empty = 文件为空
linux-agent-not-executable = 没有执行权限
linux-agent-not-of-root = 属主不是 root
linux-agent-other-processor = 为其他处理器架构编译
linux-agent-not-elf = 不是 ELF 程序
linux-agent-not-a-program = 既不是 ELF 程序也不是脚本
linux-agent-starts = 启动该组件
linux-agent-starts-conditionally = 仅在运行时条件成立时启动该组件
linux-agent-does-not-start = 不会启动该组件：{ $why }
linux-agent-expected-start = 有效的启动项
linux-agent-other-boot = 默认内核的这一启动参数会改变自启动内容
linux-agent-no-such-argument = 没有此参数
linux-agent-fix-install = 使用云厂商的安装程序重新安装{ $agent }，使其所有程序位于 { $folder }
linux-agent-fix-start = 使 { $place } 这一行重新启动{ $agent }：{ $command }
linux-agent-fix-runner = 启用负责执行 { $place } 的守护进程（crontab 对应 systemctl enable cron 或 crond）
linux-agent-fix-condition = 使 { $place } 这一行无条件执行：{ $command }
linux-agent-fix-argument = 从 { $place } 的内核参数中删除 { $argument }
linux-start-commented = 已被注释
linux-start-after-exit = 位于无条件 exit 之后
linux-start-condition-false = 所需条件不成立
linux-start-not-called = 位于未被调用的函数中
linux-start-no-shell = 不会由 shell 执行（见脚本首行或 crontab 的 SHELL 设置）
linux-start-bad-schedule = 计划时间永不到来，或 cron 不接受该行
linux-start-here-document = 属于 here-document 文本，不是命令
linux-start-not-executable = 所在文件没有执行权限
linux-start-file-ignored = 因文件名、属主或权限不符合要求，cron 会忽略所在文件
linux-start-no-such-user = 所属用户不存在
linux-start-wrong-place = 本系统不会执行该位置的文件
linux-start-not-enabled = 服务单元未启用
linux-start-masked = 服务单元已被屏蔽
linux-start-runner-disabled = 负责执行它的守护进程未启用
linux-start-no-program = { $program } 不存在或为空
linux-start-leads-out = { $program } 指向组件目录之外的 { $path }
linux-start-program-not-executable = { $program } 没有执行权限
linux-start-not-root = 以 { $user } 而非 root 身份运行
linux-start-stub = { $program } 是不启动任何程序的空脚本

### 检测项：Linux 网络与时间
lnx-net-001-title = DNS 为云厂商地址，或由 DHCP 下发
lnx-net-001-fix = 删除镜像中设置的 DNS 服务器，由 DHCP 下发
lnx-net-001-expected = 获批准的 DNS 服务器（{ $approved }）
lnx-net-001-stub = 本机解析服务
lnx-net-001-approved = 已获批准（{ $region }）
lnx-net-001-fallback = 未获批准，仅作后备
lnx-net-001-left-over = 未获批准，残留于启动时重写的文件
lnx-net-001-foreign = 未获批准
lnx-net-001-keeps-dhcp-out = 此行使系统忽略 DHCP 下发的 DNS：{ $line }
lnx-net-001-immutable = 文件带有不可变属性（i）
lnx-net-001-script = 该脚本不属于任何软件包，并会改写 DNS 设置
lnx-net-001-fail-immutable = resolv.conf 指向未获批准的 DNS，且带有不可变属性
lnx-net-001-fail = 所设置的 { $count } 个 DNS 服务器均未获批准
lnx-net-001-unknown-script = 有不属于任何软件包的脚本改写 DNS 设置，无法确定最终的 DNS
lnx-net-001-unknown-stub = 由本机解析服务应答，无法确定其上游 DNS
lnx-net-001-warn-mixed = { $total } 个 DNS 服务器中有 { $count } 个未获批准
lnx-net-001-warn-misprint = 所设置的地址是规范中误印的地址；云厂商实际使用另一地址
lnx-net-001-warn-kept-out = 没有设置 DNS，且忽略 DHCP 下发的 DNS
lnx-net-001-warn-weak = 有未获批准的 DNS 仅作后备，或残留于启动时重写的文件
lnx-net-001-warn-not-static = DNS 由 DHCP 下发，而策略要求静态设置
lnx-net-001-pass-dhcp = 没有设置 DNS，由 DHCP 或 cloud-init 下发
lnx-net-001-pass = 所设置的 DNS 服务器均已获批准
lnx-net-001-fix-server = 删除 { $place } 处的 { $address }，或改为获批准的地址（{ $approved }）
lnx-net-001-fix-immutable = 取消不可变属性：chattr -i { $file }
lnx-net-001-fix-script = 删除 { $file } 中改写 DNS 的内容
lnx-time-001-title = 使用获批准的时间服务器同步时间
lnx-time-001-fix = 在已安装的时间同步服务中设置云厂商的时间服务器（chrony：在配置文件中写入“server time1.tencentyun.com iburst”），并启用：systemctl enable chronyd
lnx-time-001-expected = 获批准的时间服务器（{ $approved }）
lnx-time-001-active = { $name }：已启用
lnx-time-001-missing = { $name }：已启用，但程序不在镜像中
lnx-time-001-inactive = { $name }：未启用
lnx-time-001-no-server = 没有服务器
lnx-time-001-approved = 获批准的时间服务器
lnx-time-001-foreign = 未获批准的时间服务器
lnx-time-001-warn-daemons = 时间同步正常，但同时启用了 { $count } 个守护进程
lnx-time-001-pass = 使用获批准的服务器同步时间
lnx-time-001-unknown = 时间服务器由 DHCP 下发，镜像中无法确定
lnx-time-001-warn-foreign = 已配置时间同步，但服务器未获批准
lnx-time-001-warn-missing = 有时间同步任务，但其程序不在镜像中
lnx-time-001-fail = 没有任何有效的时间同步

### 检测项：Linux 账户
lnx-acct-001-title = 不存在无需口令即可登录的账户
lnx-acct-001-fix = 锁定所有没有口令的账户（passwd -l 用户名）
lnx-acct-001-expected = 口令散列，或已锁定的账户
lnx-acct-001-enters = 账户 { $user } 口令为空，且其 shell 允许登录
lnx-acct-001-no-shell = 账户 { $user } 口令为空，但其 shell 不允许登录
lnx-acct-001-hash-in-passwd = 账户 { $user } 的口令散列存放在人人可读的 passwd 中
lnx-acct-001-backup = shadow 备份中账户 { $user } 的口令为空
lnx-acct-001-nullok = PAM 接受空口令（nullok）
lnx-acct-001-no-nullok = 不含 nullok
lnx-acct-001-sshd = sshd 接受空口令
lnx-acct-001-fail = 有 { $count } 个账户无需口令即可登录
lnx-acct-001-unknown = 缺少 /etc/shadow 或 /etc/passwd，无法判断账户是否设有口令
lnx-acct-001-warn = 没有可空口令登录的账户，但部分设置允许空口令
lnx-acct-001-pass = 没有空口令账户
lnx-acct-001-fix-lock = 锁定账户：passwd -l { $user }
lnx-acct-001-fix-pwconv = 将口令散列移入 /etc/shadow：pwconv
lnx-acct-001-fix-backup = 删除备份文件：rm /etc/shadow-
lnx-acct-001-fix-nullok = 删除 { $file } 中的 nullok
lnx-acct-001-fix-sshd = 将 { $file } 改为“PermitEmptyPasswords no”
lnx-acct-001-fix-shadow = 在镜像中恢复 /etc/passwd 与 /etc/shadow（pwconv 可由 passwd 生成 shadow），然后重新扫描
lnx-acct-003-title = 仅 root 的 UID 为 0，且没有隐藏账户
lnx-acct-003-fix = 删除上列账户与条目
lnx-acct-003-expected = 仅 root 的 UID 为 0，账户名可见，UID 为数字
lnx-acct-003-nis-user = NIS 条目引入镜像之外的账户
lnx-acct-003-nis-group = NIS 条目引入镜像之外的用户组
lnx-acct-003-second-root = 另有账户的 UID 为 0
lnx-acct-003-root-in-backup = passwd 备份中另有 UID 为 0 的账户
lnx-acct-003-hidden-name = 账户名含有空白、控制字符或不可见字符
lnx-acct-003-no-number = UID 不是数字
lnx-acct-003-same-id = 与账户 { $user } 的 UID 相同
lnx-acct-003-one-each = UID 不重复
lnx-acct-003-member = { $user } 属于 { $group } 组，该组成员可获得 root 权限
lnx-acct-003-other-source = 此处可引入其他账户，imgscan 未读取其内容
lnx-acct-003-fail = 有 { $count } 条记录赋予 root 权限或隐藏账户
lnx-acct-003-unknown = /etc/passwd 中没有任何账户
lnx-acct-003-warn = 仅 root 的 UID 为 0，但部分账户需要留意
lnx-acct-003-pass = 仅 root 的 UID 为 0
lnx-acct-003-fix-user = 删除账户：userdel -f { $user }；如需保留，请更换 UID：usermod -u 新UID { $user }
lnx-acct-003-fix-line = 删除 { $place } 这一行
lnx-acct-003-fix-id = 为账户分配独立的 UID：usermod -u 新UID { $user }
lnx-acct-003-fix-member = 若该账户无需 root 权限，请将其移出该组：gpasswd -d { $user } { $group }
lnx-acct-003-fix-passwd = 在镜像中恢复 /etc/passwd，然后重新扫描
lnx-acct-004-title = 镜像中没有遗留的 SSH 密钥
lnx-acct-004-fix = 删除上列文件，并在控制台解绑密钥对
lnx-acct-004-authorized = 此公钥的持有者可以登录
lnx-acct-004-forced = 此公钥的持有者可以登录并执行一条强制命令
lnx-acct-004-authority = 持有该证书颁发机构所签证书的人均可登录
lnx-acct-004-private = 私钥
lnx-acct-004-no-key-line = 公钥授权文件中有一行不是公钥
lnx-acct-004-empty-file = 公钥授权文件，其中没有公钥
lnx-acct-004-host-key = 主机私钥：由该镜像创建的所有主机将共用它
lnx-acct-004-known-hosts = 曾连接过的主机名单
lnx-acct-004-command = sshd 通过外部程序获取更多公钥
lnx-acct-004-principals = sshd 从文件读取证书可使用的身份
lnx-acct-004-not-set = 未设置
lnx-acct-004-no-key = 没有密钥
lnx-acct-004-passphrase = 有密码保护
lnx-acct-004-no-passphrase = 无密码保护
lnx-acct-004-fail = 镜像中遗留了 { $count } 个密钥
lnx-acct-004-unknown = 镜像中没有遗留密钥，但 sshd 通过外部程序获取公钥，无法离线判断
lnx-acct-004-warn = 没有可用于登录的密钥，但有密钥的痕迹
lnx-acct-004-pass = 镜像中没有遗留的 SSH 密钥
lnx-acct-004-fix-file = 删除密钥：rm { $file }
lnx-acct-004-fix-setting = 删除 { $place } 这一行

### 检测项：Linux 内核

### 检测项：Linux 模块
linux-modules-none = 可能启动的内核没有模块
linux-modules-not-signed = 未签名
linux-modules-signed = 由 { $signer } 签名
linux-modules-bad-signature = { $signer } 的签名与内容不符
linux-modules-unread-signature = 无法读取签名
linux-modules-fix-reinstall = 重新安装 { $package }：{ $command }
linux-modules-fix-delete = 删除该模块并更新模块列表：rm { $file } && depmod { $release }
linux-modules-fix-initramfs = 重新生成不含该模块的 { $file }：{ $command }
linux-modules-fix-file = 如无用途，请删除该文件：rm { $file }
linux-modules-fix-line = 如无用途，请删除 { $place } 这一行
lnx-kernel-009-title = 每个内核模块均由其内核的密钥签名，或与软件包中的文件一致
lnx-kernel-009-fix = 将上列模块替换为发行版提供的模块
lnx-kernel-009-expected = 由内核内置密钥签名
lnx-kernel-009-changed = 内容与 { $signer } 签名时不同
lnx-kernel-009-differs = 未由其内核的密钥签名，且内容与 { $package } 的记录不同
lnx-kernel-009-packaged = 属于 { $package }，但未由其内核的密钥签名
lnx-kernel-009-built = 由 DKMS 从 { $package } 的源码构建，未由其内核的密钥签名
lnx-kernel-009-unowned = 未由其内核的密钥签名，也不属于任何软件包
lnx-kernel-009-fail = 有 { $count } 个模块既无有效签名，也无软件包佐证
lnx-kernel-009-warn = 有 { $count } 个模块来自软件包，但未由其内核的密钥签名
lnx-kernel-009-pass = { $count } 个模块均由其内核的密钥签名
lnx-kernel-009-pass-no-keys = { $count } 个模块中，{ $signed } 个由其内核的密钥签名；{ $recorded } 个与软件包的记录（未签名）一致，因为内核中未找到密钥
lnx-kernel-009-fix-signed = 将 { $package } 的模块换成由内核密钥签名的模块，或移除该软件包：{ $command }
lnx-kernel-010-title = 每个内核模块均属于软件包
lnx-kernel-010-fix = 删除上列模块，或改用发行版软件包中的模块
lnx-kernel-010-expected = 软件包中的模块
lnx-kernel-010-bpf = 该 eBPF 程序文件不属于任何软件包
lnx-kernel-010-elsewhere = 该内核模块位于 /lib/modules 之外，且不属于任何软件包
lnx-kernel-010-unowned = 该模块不属于任何软件包
lnx-kernel-010-built = 由 DKMS 从 { $package } 的源码构建
lnx-kernel-010-spare = 该模块不属于任何软件包，其内核不会启动
lnx-kernel-010-third-party = 第三方模块，属于 { $package }
lnx-kernel-010-fail = 有 { $count } 个模块不属于任何软件包
lnx-kernel-010-warn = 有 { $count } 个模块或 eBPF 文件并非发行版原样提供
lnx-kernel-010-unknown = 未找到 imgscan 可读取的软件包数据库，无法判断模块的归属
lnx-kernel-010-pass = { $count } 个模块均属于软件包，其他位置没有模块
lnx-kernel-010-fix-database = 在镜像中保留软件包数据库（/var/lib/dpkg/status、/var/lib/rpm 或 /lib/apk/db/installed），然后重新扫描
lnx-kernel-010-fix-built = 如镜像不需要该模块，请连同 { $package } 一并移除：{ $command }
lnx-kernel-010-fix-third-party = 如镜像不需要 { $package }，请移除：{ $command }
lnx-kernel-011-title = 每个内核模块的自述信息与其内核及文件一致
lnx-kernel-011-fix = 将上列模块替换为发行版提供的模块
lnx-kernel-011-no-module = 文件名为内核模块，但内容不是
lnx-kernel-011-differs = { $field } 与其内核或文件不符
lnx-kernel-011-absent = 未设置 { $field }
lnx-kernel-011-fail = 有 { $count } 处模块自述信息与其内核或文件不符
lnx-kernel-011-warn = 有 { $count } 处已签名模块的自述信息与其内核或文件不符
lnx-kernel-011-pass = { $count } 个模块与其内核及文件一致
lnx-kernel-012-title = 仅由软件包提供的配置加载内核模块或代其运行程序
lnx-kernel-012-fix = 删除上列各行
lnx-kernel-012-expected = 软件包中的程序
lnx-kernel-012-unproven-module = 加载既无有效签名也不属于软件包的模块：{ $line }
lnx-kernel-012-kept-out = 阻止加载安全软件的模块：{ $line }
lnx-kernel-012-unowned-file = 此行所在文件不属于任何软件包：{ $line }
lnx-kernel-012-by-file = 按文件加载模块：{ $line }
lnx-kernel-012-outside = 从 /lib/modules 之外加载模块：{ $line }
lnx-kernel-012-no-program = 指向不存在的程序：{ $line }
lnx-kernel-012-unowned-program = 运行不属于任何软件包的程序：{ $line }
lnx-kernel-012-instead = 以命令代替加载模块，且此行所在文件不属于任何软件包：{ $line }
lnx-kernel-012-rule = 该 udev 规则会运行命令，且所在文件不属于任何软件包：{ $line }
lnx-kernel-012-fail = 有 { $count } 个条目加载来源不明的模块或运行来源不明的程序
lnx-kernel-012-warn = 有 { $count } 个涉及模块的条目并非来自软件包，或需要留意
lnx-kernel-012-pass = 模块加载配置均来自软件包
lnx-kernel-012-fix-missing = 安装提供 { $program } 的软件包，或删除 { $place } 这一行
lnx-kernel-012-fix-program = 删除 { $place } 这一行；如 { $program } 别无用途，一并删除
lnx-kernel-015-title = 没有热补丁改动内核
lnx-kernel-015-fix = 移除热补丁，改为升级内核
lnx-kernel-015-expected = 没有热补丁
lnx-kernel-015-patch = 内核热补丁
lnx-kernel-015-signed = 属于 { $package }
lnx-kernel-015-not-signed = 属于 { $package }，未由其内核的密钥签名
lnx-kernel-015-no-owner = 不属于任何软件包
lnx-kernel-015-folder = 热补丁目录非空
lnx-kernel-015-service = 服务 { $service } 会在启动时应用热补丁
lnx-kernel-015-fail = 有 { $count } 个热补丁不属于任何软件包
lnx-kernel-015-warn = 有 { $count } 个热补丁或应用热补丁的服务
lnx-kernel-015-pass = 没有热补丁
lnx-kernel-015-fix-package = 移除 { $package }，改为升级内核：{ $command }
lnx-kernel-015-fix-folder = 删除热补丁：rm -r { $folder }
lnx-kernel-015-fix-service = 停用该服务：systemctl disable { $service }
lnx-kernel-018-title = 没有手工编译或安装内核的痕迹
lnx-kernel-018-fix = 安装发行版的内核，并删除上列内容
lnx-kernel-018-source = 不属于任何软件包的内核源码
lnx-kernel-018-package-file = 遗留的内核安装包
lnx-kernel-018-build-tree = 模块构建所用的目录，不属于任何软件包
lnx-kernel-018-set-aside = 手工安装时备份的旧内核
lnx-kernel-018-dkms = 由 DKMS 在此构建的模块
lnx-kernel-018-history = 曾手工编译或安装内核或模块（内容不显示）
lnx-kernel-018-package = 该内核的软件包为手工构建：{ $maintainer }
lnx-kernel-018-fail = 默认启动的内核为手工构建
lnx-kernel-018-warn = 有 { $count } 处手工编译或安装内核、模块的痕迹
lnx-kernel-018-pass = 没有手工编译或安装内核的痕迹
lnx-kernel-018-fix-delete = 如镜像不需要，请删除：rm -r { $file }
lnx-kernel-018-fix-dkms = 如镜像不需要该模块，请移除：dkms remove { $module }/版本 --all
lnx-kernel-018-fix-history = 删除历史记录：rm { $file }
lnx-kernel-018-fix-kernel = 安装发行版的内核（{ $command }），将其设为默认，并移除 { $file }
lnx-kernel-022-title = 没有启动其他内核或系统的途径
lnx-kernel-022-fix = 删除上列各行与启动项
lnx-kernel-022-menu-script = 该脚本生成部分启动菜单，且不属于任何软件包
lnx-kernel-022-kexec = 启动另一个内核：{ $line }
lnx-kernel-022-command = 启动菜单可启动其他系统：{ $command }
lnx-kernel-022-entry = 该启动项启动的不是镜像中的 Linux 内核：{ $command }
lnx-kernel-022-fail = 有 { $count } 个条目会自动启动其他内核或系统
lnx-kernel-022-warn = 有 { $count } 个启动其他内核或系统的途径
lnx-kernel-022-pass = 没有启动其他内核或系统的途径
lnx-kernel-022-fix-menu-script = 删除该脚本并重新生成菜单：rm { $file } && { $command }
lnx-kernel-022-fix-command = 如镜像不需要，请删除 { $place } 处的命令
lnx-kernel-022-fix-entry = 从启动菜单中删除 { $place } 处的启动项，并将镜像中的内核设为默认
lnx-kernel-023-title = 没有已知 rootkit 的痕迹
lnx-kernel-023-fix = 在全新安装的系统上重新制作镜像
lnx-kernel-023-name = 带有已知 rootkit 的名称：{ $name }
lnx-kernel-023-file = 已知 rootkit 遗留的文件
lnx-kernel-023-import = 该来源不明的模块使用了 rootkit 常用的 { $symbol }
lnx-kernel-023-fail = 发现 { $count } 处已知 rootkit 的痕迹
lnx-kernel-023-warn = 有 { $count } 个来源不明的模块使用了 rootkit 常用的内核接口
lnx-kernel-023-pass = 未发现已知 rootkit 的痕迹
lnx-kernel-023-fix-module = 如镜像不需要该模块，请删除：rm { $file }
lnx-kernel-023-fix-rebuild = 在全新安装的系统上重新制作镜像：{ $place } 处的痕迹表明当前系统已不可信
lnx-kernel-024-title = 允许改动内核的设置
lnx-kernel-024-fix = 将上列设置恢复为安全值
lnx-kernel-024-warn = 有 { $count } 项设置允许改动或读取内核
lnx-kernel-024-pass = 列出 { $count } 项设置，均为安全值
lnx-kernel-024-fix-line = 删除 { $place } 这一行：{ $setting }
lnx-kernel-024-fix-option = 使用未以 { $option } 编译的内核

### 检测项：Linux 引导

### 检测项：Windows 通用
win-program = { $what }：{ $why }
win-program-file = { $what }：{ $why }（{ $path }，SHA-256 { $sha256 }）
win-program-shared-folder = 位于临时或共享目录（{ $place }）
win-program-user-folder = 位于用户目录（{ $place }）
win-program-system-name = 与 Windows 系统程序同名，但不在系统目录中
win-program-stream = 位于文件的命名数据流中
win-program-script = 运行会下载或隐藏其执行内容的脚本（{ $sign }）
win-program-missing = { $path } 不存在
win-program-none = 未指向镜像中的任何文件
win-program-signed = 由 { $signer } 签名
win-program-unanchored = 由 { $signer } 签名，但没有受信任的机构为其担保
win-program-modified = 数字签名与文件不符（{ $signer }）
win-program-unproven = 无法验证数字签名：{ $why }
win-program-unsigned = 没有数字签名，也没有目录文件收录
win-program-no-pe = 不是 PE 文件
win-signature-nameless = 未具名的签名者
win-signature-trusted = { $signer }，信任锚 { $anchor }
win-signature-unanchored = { $signer }，没有内置证书为其担保
win-signature-self-signed = { $signer }，自签名
win-signature-modified = 与 { $signer } 所签内容不符：摘要 { $digests }，签名摘要 { $signed }
win-signature-unsigned = 未签名；摘要 { $digests }
win-signature-none = 未签名
win-signature-wanted = 已签名
win-signature-no-pe = 不是 PE 映像
win-signature-catalog = { $proof }；收录于 { $catalog }
win-signature-stamp = { $proof }；时间戳 { $time }
win-value = 值 { $name }
win-value-empty = 空
win-value-any = 任意值
win-value-absent = 未设置
win-value-not = 不为 { $values }
win-fix-reg-set = 设置该值：reg add "{ $key }" { $name } /t { $kind } /d "{ $data }" /f
win-fix-reg-delete = 删除该值：reg delete "{ $key }" { $name } /f
win-fix-reg-entry = 使用 regedit 从 { $key } 的值 { $value } 中移除 { $entry }
win-fix-reg-restore = 使用 regedit 将 { $key } 的值 { $value } 恢复为全新系统的取值（{ $wanted }）

### 检测项：Windows 组件与 cloudbase-init

### 检测项：Windows 引导与内核
win-kernel-005-title = 代码完整性未被注册表值或策略削弱
win-kernel-005-fix = 恢复代码完整性相关的注册表值，并移除所列策略
win-kernel-005-fail = 有 { $count } 处注册表值、策略或驱动破坏代码完整性
win-kernel-005-warn = 有 { $count } 处代码完整性的注册表值或策略不是默认设置
win-kernel-005-unknown = 有 { $count } 个代码完整性策略无法判断
win-kernel-005-pass = 没有注册表值或策略削弱代码完整性
win-kernel-005-policy = { $note }；名称 { $name }
win-kernel-005-policy-wanted = 由微软签名的策略
win-kernel-005-signed = 已签名
win-kernel-005-unreadable = 无法读取的策略
win-kernel-005-modified = 签名后被修改的策略
win-kernel-005-unproven = 无法判断签名的策略
win-kernel-005-unsigned-open = 允许所有驱动运行的未签名策略
win-kernel-005-foreign-open = 由其他签名者签名、允许所有驱动运行的策略
win-kernel-005-audit = 仅记录而不拦截的自定义策略
win-kernel-005-unsigned = 未签名的自定义策略
win-kernel-005-foreign = 由其他签名者签名的自定义策略
win-kernel-005-boot-driver = { $name } 随系统启动，且不会被拦截
win-kernel-005-fix-policy = 删除策略 { $path }；确为产品所需的，请对其签名并在商品页说明
win-kernel-007-title = 登录前运行的内容为默认设置
win-kernel-007-fix = 将所列注册表值恢复为全新系统的取值
win-kernel-007-fail = 有 { $count } 个注册表值使程序在登录前运行或被重定向
win-kernel-007-warn = 有 { $count } 个注册表值不是默认值
win-kernel-007-pass = 所有注册表值均为默认值或未设置

### 检测项：Windows sysprep

### 检测项：Windows 账户与访问

### 检测项：Windows 网络、时间与基本能力

### 检测项：Windows 持久化

### 检测项：Windows 防护

### 检测项：Windows 信息泄露

### 报告
ui-verdict = 结论
ui-policy = 策略
ui-image = 镜像
ui-digest = SHA-256
ui-system = 系统
ui-unknown-system = 未找到操作系统
ui-kernel = 内核
ui-default = 默认启动
ui-volume = 卷
ui-file = 文件
ui-snapshot = 快照
ui-table = 分区表
ui-mounts = 挂载
ui-required = 要求
ui-actual = 实际
ui-not-read = 未读取
ui-fix = 修复方法
ui-reason = 原因
ui-packages = 软件包
ui-account = 账户
ui-services = 服务
ui-group = 组
ui-hidden = 没有名称指向该账户：隐藏
ui-hijacked = 其记录含有另一个标识符
ui-name-of-nobody = 没有用户的名称
ui-disabled = 已禁用
ui-locked = 已锁定
ui-no-password-needed = 不要求密码
ui-never-expires = 密码永不过期
ui-last-logon = 上次登录
ui-password-set = 密码设置于
ui-setting = 设置
ui-adapter = 网络适配器
ui-setup-file = 安装文件
ui-autostart = 自动启动
ui-programs = 程序
ui-updates = 更新（已安装的包 / 全部）
ui-passed = 已满足
ui-not-applicable = 不适用
ui-gaps = 未能读取的内容
ui-parts-not-read = 处未读取
ui-notices = 提示
ui-waivers-on = 豁免有效性判定日期
ui-root-on = 根位于
ui-virtual-size = 虚拟大小
ui-file-size = 文件大小
ui-host = 主机名
ui-verdict-accept = 通过
ui-verdict-review = 需人工复核
ui-verdict-reject = 不通过
ui-means-accept = 所有可阻止上架的检测项均已满足
ui-means-accept-warnings = 通过，但有 { $count } 项警告
ui-means-review = 须由审核人员判断
ui-means-reject = 存在未满足的阻断项
ui-status-pass = 通过
ui-status-warn = 警告
ui-status-fail = 失败
ui-status-unknown = 未能判定
ui-status-na = 不适用
ui-status-error = 检测出错
ui-status-waived = 已豁免
ui-gate-block = 阻断
ui-gate-review = 复核
ui-gate-advisory = 建议
ui-gate-info = 信息
ui-severity-info = 信息
ui-severity-low = 低
ui-severity-medium = 中
ui-severity-high = 高
ui-severity-critical = 严重
ui-omitted = 另有 { $count } 项未列出
ui-field = { $name }：{ $value }
ui-heading = { $title }（{ $count }）
ui-brackets = { $what }（{ $more }）

### 差异
diff-base = 基准镜像
diff-image = 镜像
diff-equal = 没有差异
diff-kernel = 内核
diff-boot = 引导
diff-modules = 内核模块
diff-security = 安全组件
diff-packages = 软件包
diff-configuration = 配置
diff-other = 其他
diff-not-read = 未能读取
diff-added = 新增
diff-removed = 缺失
diff-contents = 内容
diff-type = 类型
diff-owner = 属主
diff-mode = 权限
diff-target = 链接目标
diff-version = 版本
diff-more = 另有 { $count } 项，详见 -f json
diff-gap-of-base = 基准镜像：{ $reason }
