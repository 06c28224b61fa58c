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
error-magic = 此处应为“{ $expected }”
error-magic-found = 此处应为“{ $expected }”，实际为 { $found }

### 错误：文件与容器

### 错误：卷

### 错误：ext

### 错误：NTFS

### 错误：FAT 与文件系统通用

### 错误：hive
error-hive-hash = 子键列表中“{ $key }”的哈希不正确
error-hive-link = 键“{ $key }”是符号链接
error-hive-list-room = 列表声明有 { $count } 项，但只能容纳 { $room } 项
error-hive-ambiguous = 键“{ $key }”有两个名为“{ $name }”的{ $what ->
        [values] 值
       *[keys] 子键
    }
error-hive-subkey-count = 键“{ $key }”声明有 { $count } 个子键，其列表中有 { $listed } 个
error-hive-list-twice = 同一子键列表被引用两次
error-hive-subkeys-too-many = 子键数量超出 hive 所能容纳
error-hive-cell-type = 此处应为 { $expected } 类型的单元，实际为“{ $found }”
error-hive-data-resident = 值声明在 4 字节的字段中存放 { $len } 字节数据
error-hive-data-nowhere = 值声明有 { $len } 字节数据，但未指向任何位置
error-hive-data-segments = { $count } 个分段容纳不下 { $len } 字节数据
error-hive-short = 此处应有 { $len } 字节的基本块，而文件只有 { $file } 字节
error-hive-version = 支持 hive 版本 1.3 至 1.6，实际为 { $version }
error-hive-too-long = hive 有 { $len } 字节，最多读取 { $most } 字节
error-hive-bins-too-long = hive bin 共 { $len } 字节，最多读取 { $most } 字节
error-hive-cut = hive bin 末尾缺少 { $bytes } 字节
error-hive-cell-offset = 单元的偏移应为 8 的倍数，且位于 bin 头之后
error-hive-cell-free = 此处应为已分配的单元，实际为 { $len } 字节的空闲单元
error-hive-cell-size = { $len } 字节的单元超出共 { $bins } 字节的 bin
error-hive-cell-end = 从字节 { $at } 起的 { $len } 字节超出了 { $cell } 字节单元的末尾
error-hive-key-twice = 同一个键在树中出现两次
error-hive-depth = 键的层级超过 { $most } 层
error-hive-budget = 各键的列表与数据总量超过 hive 本身
error-hive-log-incomplete = 其基本块不完整
error-hive-log-type = 日志的文件类型应为 1、2 或 6，实际为 { $found }
error-hive-log-other-hive = 它属于另一个 hive
error-hive-log-other-state = 它属于该 hive 的另一个状态
error-hive-no-log = 没有事务日志
error-hive-log-old = 其自 { $first } 起的条目早于该 hive
error-hive-log-gap = 应为第 { $expected } 号条目，实际为第 { $found } 号
error-hive-log-length = 其长度 { $len } 不是 512 的倍数或过小
error-hive-bins-len = hive bin 的长度 { $len } 字节不是 4096 的倍数或过大
error-hive-log-hash = 其哈希不正确
error-hive-log-pages = 容纳不下其 { $count } 页的列表
error-hive-log-page = 其位于 bin 字节 { $at } 处、{ $len } 字节的页超出范围
error-hive-log-bin = 第 { $page } 页的 bin 记录的偏移为 { $found }
error-hive-dirty = hive 未完整写入（序列号 { $primary } 和 { $secondary }，校验和{ $checksum ->
        [right] 正确
       *[wrong] 不正确
    }），且无法恢复：{ $why }
error-hive-log = { $log }：{ $why }
error-hive-log-entry = 日志条目 { $number }：{ $why }

### 错误：事件日志
error-events-long = 事件日志有 { $len } 字节，最多读取 { $most } 字节
error-events-header = 不是事件日志文件头
error-events-many = 记录超过 { $records } 条，或事件超过 { $events } 个
error-events-checksum = 数据块的校验和不正确
error-events-record = 第 { $number } 条记录已损坏（“{ $why }”）
error-events-identifier = 第 { $number } 条记录没有事件 ID
error-events-chunk = 数据块已损坏（“{ $why }”）

### 错误：系统
error-guest-no-fs = { $volume } 中没有文件系统
error-guest-drive = 驱动器 { $drive } 不是本镜像的卷
error-guest-path-long = 路径的组成部分超过 { $most } 个
error-guest-links = 到 { $path } 的路径上符号链接超过 { $most } 个
error-guest-path-empty = 路径为空
error-guest-no-directory = { $path } 不是目录
error-guest-not-found = { $path }：文件不存在
error-fstab-many = /etc/fstab 有 { $count } 条，仅读取 { $most } 条
error-fstab-other-disk = 它位于另一块磁盘，不在本镜像中
error-fstab-outside = { $kind } 类型挂载的内容不在本镜像中
error-fstab-no-volume = 本镜像中没有与之对应的可读卷
error-fstab-ambiguous = /etc/fstab 第 { $line } 行：有 { $count } 个卷与 { $spec } 相符
error-fstab-line = /etc/fstab 第 { $line } 行：{ $spec }：{ $why }
error-fstab-holds = 其内容为 { $what }
error-fstab-boot = 多个卷含有引导文件，而 /etc/fstab 未指明哪个用作 /boot
error-registry-replayed = { $root }：未完整写入，已将 { $entries } 条日志重放到 { $pages } 页
error-registry-absent = { $key } 不存在
error-registry-select = HKLM\SYSTEM\Select\Default 不存在或不是数值
error-registry-control-set = Select\Default 指定的 HKLM\SYSTEM\{ $name } 不存在
error-registry-next-control-set = 下次启动使用控制集 { $next }，上次启动使用 { $current }

### 错误：软件包、rpm、可信文件库
error-rpm-short = 数据库短于其文件头
error-rpm-form = 数据库不属于 SQLite、rpm 自有格式（ndb）或 Berkeley DB 哈希
error-rpm-page-end = 第 { $page } 页位于末尾之后
error-rpm-page-twice = 第 { $page } 页被使用两次
error-rpm-page-size = 页大小为 { $found } 字节，无效
error-sqlite-reserved = 每页保留 { $count } 字节，过多
error-sqlite-wal-page = 其页大小与数据库不同
error-sqlite-wal-pages = 它使数据库达到 { $count } 页，过长
error-sqlite-wal = 预写日志：{ $why }
error-sqlite-page-zero = 引用了第 0 页，而页号从 1 开始
error-sqlite-no-table = 没有 Packages 表
error-sqlite-no-root = Packages 表未指明页
error-sqlite-depth = B 树超过 { $most } 层
error-sqlite-page = 表中出现类型为 { $kind }、含 { $count } 个单元的页
error-rpm-overlap = { $what ->
        [cells] 页中的单元
        [blocks] 软件包的块
       *[items] 页中的项
    }互相重叠
error-sqlite-cell = 单元越过其所在页的末尾
error-rpm-package-long = 软件包记录有 { $len } 字节，最多读取 { $most } 字节
error-sqlite-row-long = 行长度超过数据库本身
error-sqlite-no-blob = Packages 表的行没有 blob
error-sqlite-row-cut = 行内数据越过其末尾
error-sqlite-column = 列的类型为保留值
error-ndb-version = 本版本不读取 rpm 自有数据库（ndb）的版本 { $version }
error-ndb-pages = { $count } 个槽位页与文件大小不符
error-ndb-slot = 槽位没有标识
error-ndb-end = { $len } 字节的软件包记录越过了末尾
error-ndb-head = 软件包记录的头与其槽位不一致
error-ndb-tail = 软件包记录的尾与其头不一致
error-ndb-checksum = 软件包记录的校验和不正确
error-rpm-header-short = 软件包头只有 { $len } 字节，过短
error-rpm-header-entries = 软件包头有 { $count } 个条目，应为 1 至 { $most } 个
error-rpm-header-length = { $count } 个条目和 { $bytes } 字节数据与 { $len } 字节的软件包头不符
error-rpm-header-entry = 第 { $number } 个条目指向字节 { $at }，而数据只有 { $len } 字节
error-rpm-region = 不可变区域：{ $why }
error-rpm-region-entry = 其条目不是 16 字节
error-rpm-region-outside = 其尾部位于软件包头之外
error-rpm-region-trailer = 其尾部无效
error-rpm-region-count = 其声明的条目多于实有条目
error-rpm-region-behind = 有条目指向区域之后
error-rpm-digest = 本版本不支持算法 { $algorithm } 的文件摘要
error-rpm-files = 无法读取文件列表
error-rpm-files-many = 有 { $count } 个文件，最多读取 { $most } 个
error-rpm-files-lists = { $count } 个文件的各列表长度不一致
error-rpm-file-folder = 第 { $number } 个文件位于第 { $folder } 个文件夹，而文件夹只有 { $count } 个
error-rpm-file-digest = 第 { $number } 个文件的摘要无效
error-bdb-meta = 首页类型为 { $kind }，无效
error-bdb-unsupported = 本版本不读取带校验和或加密的 Berkeley DB
error-bdb-cut = 最后一页应为第 { $last } 页，而文件只有 { $pages } 页
error-bdb-buckets = { $count } 个桶与文件大小不符
error-bdb-page = 第 { $page } 页自称第 { $own } 页
error-bdb-bucket = 桶中出现类型为 { $kind } 的页
error-bdb-items = 一页容纳不下 { $count } 项
error-bdb-item = 第 { $number } 项位于页内字节 { $start } 至 { $end }，无效
error-bdb-key = 键不是软件包编号
error-bdb-item-type = 项的类型 { $kind } 未知
error-bdb-overflow = 溢出页类型为 { $kind }、含 { $bytes } 字节，无效
error-bdb-package = 软件包记录共 { $len } 字节，实得 { $found } 字节
error-package-not-rpm = 不是 rpm 软件包
error-package-digests = { $package } 的文件摘要不是 SHA-256
error-package-read = { $format }：{ $why }
error-package-rpm-header = 没有软件包头
error-package-rpm-long = 软件包头有 { $len } 字节，最多读取 { $most } 字节
error-package-cut = { $what ->
        [rpm] 软件包头
        [tar] tar 归档
        [header] tar 归档中的头
       *[ar] ar 归档
    }不完整
error-baseline = 不是可信文件库（“{ $why }”）
error-baseline-schema = 格式应为 { $expected }，实际为“{ $found }”
error-baseline-digest = { $path }：“{ $digest }”不是 SHA-256
error-tar-checksum = tar 归档的头校验和不正确
error-tar-name = tar 归档中的名称超过 { $most } 字节
error-package-not-ar = 不是 ar 归档
error-ar-header = ar 归档的成员没有有效的头
error-deb-control-long = control 归档超过 { $most } 字节
error-deb-order = 数据归档位于 control 归档之前
error-deb-control = control 归档中没有 control 文件
error-tar-number = tar 归档的头没有有效的{ $what ->
        [checksum] 校验和
       *[size] 大小
    }

### 错误：签名、内核、归档
error-signature-digest-refused = { $key } 密钥的 { $digest } 签名不能作为证明：该密钥不接受此摘要算法
error-signature-key-short = { $key } 密钥的 { $digest } 签名不能作为证明：密钥不足 { $bits } 位
error-signature-key-exponent = { $key } 密钥的签名不能作为证明：公钥指数超过 { $bits } 位
error-signature-key-unsound = { $key } 密钥的签名不能作为证明：密钥无效
error-signature-curve = 本版本不支持验证曲线 { $curve } 上的密钥
error-module-unread = 无法读取该模块，或无法读取验证它所用的密钥
error-signature-too-many = { $what ->
        [certificates] 证书
        [entries] 证书表条目
        [signers] 签名者
        [nested] 嵌套签名
        [members] 成员
        [packets] 数据包
        [subpackets] 子包
        [lists] 签名列表
        [sbat] .sbat 行
       *[signatures] 签名
    }超过 { $most } 个
error-signature-no-certificate = 签名者的证书既不在签名中，也不在固定证书中
error-signature-no-signer = 签名中没有签名者
error-pe-cut = MS-DOS 头不完整
error-pe-optional = 可选头类型应为 0x10b 或 0x20b，实际为 { $found }
error-pe-sections = 有 { $count } 个节，最多读取 { $most } 个
error-pe-end = 位于字节 { $start } 处、长 { $len } 字节的{ $what ->
        [table] 证书表
       *[section] 节
    }越过了位于字节 { $end } 的末尾
error-pe-headers = SizeOfHeaders 的值 { $len } 不相符
error-pe-section-long = 节 { $name } 有 { $len } 字节，最多读取 { $most } 字节
error-pe-overlap = 节从字节 { $start } 开始，早于前一部分的末尾（字节 { $end }）
error-pe-table-overlap = 证书表与节重叠
error-pe-entry = 长 { $len } 字节的证书表条目超出证书表
error-pe-table-long = 证书表有 { $len } 字节，最多读取 { $most } 字节
error-signature-content = 此处应为 { $expected }，实际内容类型为 { $found }
error-signature-digest = 本版本不支持摘要算法 { $digest }
error-packed-damaged = { $packing } 数据流已损坏
error-packed-why = { $packing } 数据流已损坏（“{ $why }”）
error-packed-cut = { $packing } 数据流不完整
error-packed-block = { $packing } 数据流中有一个 { $len } 字节的块，超出范围
error-packed-length = { $packing } 数据流解压得到 { $found } 字节，应为 { $expected } 字节
error-packed-ratio = { $len } 字节的 { $packing } 数据流不可能解压为 { $expected } 字节
error-packed-limit = 解压后超过 { $most } 字节
error-kernel-protocol = 引导协议 { $version } 未说明内核载荷的位置
error-kernel-setup-cut = 设置头不完整
error-kernel-payload = 位于字节 { $start } 处、长 { $len } 字节的载荷超出 { $size } 字节的文件
error-kernel-packing = 内核的压缩方式未知（开头为 { $found }）
error-kernel-long = 内核有 { $len } 字节，最多解压 { $most } 字节
error-kernel-length = 载荷解压得到 { $found } 字节，应为 { $expected } 字节
error-kernel-certificates = 内核中的证书或形似证书的数据过多
error-kernel-cut = 长 { $len } 字节的内核不完整：文件只有 { $size } 字节
error-kernel-end = 压缩的内核越过了文件末尾
error-grub-end = { $what ->
        [codes] GRUB 核心的校验码
        [object] GRUB 核心的对象
       *[packed] GRUB 核心的压缩部分
    }越过了其末尾
error-grub-no-objects = GRUB 核心没有对象列表
error-grub-objects = GRUB 核心的对象超过 { $most } 个
error-sbat-line = .sbat 的第 { $line } 行不是有效条目
error-kernel-config = 内嵌配置没有结束标记
error-der-missing = DER：缺少元素
error-der-tag-long = DER：标签超过一个字节
error-der-length-cut = DER：长度不完整
error-der-length = DER：长度不定或过大
error-der-cut = DER：元素长 { $len } 字节，仅剩 { $left } 字节
error-der-tag = DER：标签应为 { $expected }，实际为 { $found }
error-der-end = DER：标签应为 { $expected }，但数据已结束
error-der-oid = DER：对象标识符无效
error-signature-no-content = 缺少被签名的内容
error-catalog-use = 此处应为目录列表，实际用途为 { $found }
error-module-trailer = 模块签名的尾部不完整
error-module-kind = 模块签名的类型为 { $kind }，不是 PKCS#7
error-module-length = { $size } 字节的模块容纳不下 { $len } 字节的签名
error-module-content = 模块签名自带内容
error-certificate-long = 证书超过 { $most } 字节
error-signature-algorithm = 本版本不验证算法 { $algorithm } 的签名
error-certificate-time = 此处应为时间
error-trust-file = { $file } 中既没有证书，也没有 OpenPGP 公钥
error-ci-format = 策略格式应为 1 至 8，实际为 { $found }
error-ci-header = 没有代码完整性策略的文件头
error-ci-setting = 设置的类型未知
error-ci-part = 此处应为格式的第 { $part } 部分
error-ci-cut = 策略提前结束
error-shim-vendor = 位于字节 { $start } 处、长 { $len } 字节的厂商数据超出所在节
error-shim-list-cut = 签名列表不完整
error-shim-list = 签名列表中的长度互不相符
error-shim-kind = 签名列表的类型未知
error-elf-none = 不是小端 ELF 文件
error-elf-cut = ELF 头不完整
error-elf-size = 节头只有 { $len } 字节，过短
error-elf-outside = 第 { $number } 个{ $what ->
        [header] 节头
       *[section] 节
    }位于文件之外
error-elf-sections = 有 { $count } 个节，最多读取 { $most } 个
error-cpio-unknown = 既不是 cpio 归档，也不是已知的压缩格式
error-cpio-aligned = 归档的起始位置应为 4 字节的倍数
error-cpio-empty = 空的数据段
error-cpio-packing = 本版本不读取以 { $packing } 压缩的归档
error-cpio-bytes = 解压后的字节数超过上限
error-cpio-junk = 归档应开始之处为无效数据
error-cpio-header = 不是 newc 格式的头
error-cpio-field = 头中的字段不是十六进制数
error-cpio-name-length = 名称长 { $len } 字节，应为 1 至 { $most } 字节
error-cpio-name = 名称未以 NUL 结尾
error-cpio-members = 成员数量超过上限
error-cpio-link = 链接目标过长
error-cpio-checksum = 成员内容的校验和不正确
error-cpio-stream = 数据流已损坏（“{ $why }”）
error-cpio-cut = { $what ->
        [header] 头
        [name] 名称
        [padding] 填充
       *[body] 成员内容
    }不完整
error-cpio-unpacked = { $detail }（解压后的 { $packing } 数据段的字节 { $at } 处）
signature-bad = { $signer }：{ $fault ->
        [digest] 签名中的摘要与文件不符
       *[key] 密钥无法验证该签名
    }
error-openpgp = OpenPGP：{ $why }
error-openpgp-head = 数据包的头无效
error-openpgp-end = 数据包越过末尾
error-openpgp-cut = 数据包不完整
error-openpgp-no-key = 没有公钥
error-openpgp-version = 本版本不读取版本 { $version } 的 OpenPGP { $what ->
        [key] 密钥
       *[signature] 签名
    }
error-openpgp-v3 = 版本 3 的密钥不是 RSA
error-openpgp-dsa = DSA 密钥的参数超出范围
error-openpgp-no-signature = 没有签名
error-openpgp-signature = 签名不完整
error-openpgp-subpacket = 子包不完整
error-openpgp-digest = 本版本不支持 OpenPGP 摘要编号 { $number }
error-key-bits = 密钥不是整数个字节
error-key-rsa = RSA 密钥的模数为 { $modulus } 字节、指数为 { $exponent } 字节，超出范围
error-key-algorithm = 本版本不验证算法 { $algorithm } 的密钥的签名

### 错误：证据（Linux）
error-index-text = 索引中的文本没有结尾
error-index-none = 不是 depmod 的索引
error-index-cut = 索引不完整
error-index-loop = 索引存在循环
error-index-node = 索引节点不完整
error-initramfs-section = 没有节 { $section }
error-boot-not-there = 该启动项加载的 { $path } 不在镜像中
error-module-long = 模块超过 { $most } 字节
error-initramfs-name = { $what ->
        [absolute] 绝对路径名
       *[up] 含 .. 的名称
    }：{ $name }
error-too-many = { $what ->
        [modules] 疑似模块的文件（或其字节数）
        [links] 指向模块文件夹的链接
        [includes] 被包含的文件
        [units] systemd 单元
        [kernels] 内核
        [configurations] 相互引用的配置
        [policies] 策略
        [catalogs] 目录文件
        [objects] 对象
        [parents] 被继承的对象
        [elements] 元素
        [properties] 证书 blob 中的属性
        [keys] 键
        [consumers] 事件使用者
        [definitions] 事件使用者定义
        [names] 名称
       *[files] 文件
    }超过 { $most } 个，其余未读取
error-kernel-release = 内核版本“{ $release }”不能用作文件夹名
error-apk = { $what ->
        [field] 不是字段
        [folder] 文件没有所属文件夹
        [file] 摘要没有所属文件
        [kind] 摘要类型未知
       *[digest] 摘要无效
    }：{ $line }
error-rpm-journal = 本版本不读取回滚日志
error-rpm-many = 软件包过多：已读取 { $count } 个，共 { $bytes } 字节
error-rpm-no-name = 软件包没有名称
error-pacman = 本版本不读取 pacman 数据库
error-wtmp = { $len } 字节的内容不是已知格式的记录
error-bios-code = 首扇区的代码并非来自本系统的 GRUB
error-bios-core-place = 首扇区未指明 GRUB 核心的位置
error-bios-core-long = GRUB 核心超过 { $most } 字节
error-bios-unpacker = GRUB 核心的解压程序并非来自本系统的 GRUB
error-bios-codes = GRUB 核心的纠错码与其内容不符，实际运行的将不是所读取的内容
error-kernel-form = 内核映像格式未知
error-cmdline-long = 命令行长 { $len } 字节，过长
error-names-many = 有 { $count } 个名称，仅读取 { $most } 个
error-kernel-hidden = 此内核被其他挂载遮盖，但引导程序仍可能启动它

### 错误：证据（Windows）
error-catalogs-bytes = 目录文件超过 { $most } 字节，其余未读取
error-catalog-changed = 目录文件的内容与签名不符
error-sam-hash = 用户的密码哈希格式未知
error-sam-key = 账户密钥的格式未知，或不是用本系统的启动密钥加密的
error-boot-key-elsewhere = 启动密钥不在注册表中（SecureBoot { $mode }）
error-boot-key = JD、Skew1、GBG 和 Data 的类名中没有启动密钥
error-registry-link = 该键是指向其他键的链接，未跟随
error-xml = 不是有效的 XML（“{ $why }”）
error-program-long = 程序有 { $len } 字节，最多读取 { $most } 字节
error-bcd-objects = 存储中没有 Objects 键
error-bcd-object = 没有对象 { $id }
error-bcd-element = 元素名称“{ $name }”不是数值
error-bcd-data = 元素 { $element } 的数据格式未知
error-bcd-no-data = 元素没有数据
error-blob-property = 字节 { $at } 处的属性越过证书 blob 的末尾
error-pattern-names = 与 { $pattern } 比较的名称超过 { $most } 个，其余未读取
error-sam-no-rid = 用户名缺少保存其标识符的值
error-sam-name = 用户键名为“{ $name }”，应为八位十六进制数
error-registry-no-value = 没有值 { $name }
error-sam-short = 记录提前结束
error-wmi-long = WMI 存储库有 { $len } 字节，最多搜索 { $most } 字节
error-tasks-many = 任务超过 { $most } 个，或文件夹超过 { $levels } 层
error-task-version = 本版本不读取版本为 { $version } 的任务操作
error-task-kind = 字节 { $at } 处的操作类型 { $kind } 未知
error-task-cut = 任务操作在字节 { $at } 处的 { $len } 字节内提前结束
error-task-text = 任务操作中的文本有 { $len } 字节，最多读取 { $most } 字节
error-name-utf16 = 名称不是有效的 UTF-16，未读取该文件夹
error-outside = { $what } 不在本镜像中
error-desktop-many = 桌面上的文件超过 { $most } 个，或文件夹超过 { $levels } 层
error-no-disk = 本系统所在的磁盘未知

### ring 0：级别及理由

### 证据用语（Linux）
boot-other-loader = 另一个引导程序的菜单默认项不同
boot-other-config = GRUB 的另一份配置默认项不同
boot-default-in-firmware = 默认项（{ $value }）保存在固件变量中
boot-default-is-submenu = 默认项为子菜单 { $title }，需人工选择
boot-default-elsewhere = 默认项（{ $value }）不在该文件中
boot-include = 引用了未读取的文件 { $file }
boot-no-volume = 没有已挂载的卷对应 { $target }
boot-script-form = 脚本自此处起无法解析
boot-script-endless = 脚本不会结束
boot-script-deep = 脚本的语句块或函数嵌套过深
boot-script-loop = 部分菜单由循环语句生成
boot-script-condition = 菜单内容取决于启动时才能确定的条件
kernel-no-elf-headers = 内核没有 ELF 头
package-digest = 包头中记录的 { $digest } 与包头不符
package-signature = 密钥 { $key } 的签名与包头不符

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
meta-002-title = 注册表已正常关闭
meta-002-fix = 制作镜像前先关机（shutdown /s /t 0）
meta-002-pass = 全部 { $count } 个注册表 hive 均正常关闭
meta-002-warn = 有 { $count } 个注册表 hive 未正常关闭：镜像未在关机后制作
meta-002-replayed = { $name } 未正常关闭；已重放 { $count } 条日志
meta-002-clean = { $name } 已正常关闭
meta-002-wanted = 序号相等
meta-002-no-header = 没有文件头

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
linux-kernel-none = 未找到内核
linux-kernel-owned = 属于某个软件包
linux-kernel-no-package = 不属于任何软件包
linux-kernel-owner-unknown = 无法确定
linux-kernel-of-image = 镜像中的内核
linux-kernel-no-banner = 没有版本信息
linux-differs-from = 与 { $path } 不一致
linux-kernel-install = 安装发行版的内核：{ $command }
linux-kernel-replace = 安装发行版的内核（{ $command }）并设为默认启动项，然后删除 { $path }
linux-kernel-delete = 如无需要，请删除该文件：{ $path }
linux-reinstall = 重新安装 { $package }：{ $command }
linux-signature-by = { $note }：签名者 { $signer }（证书 SHA-256 { $sha256 }，有效期至 { $day }）；{ $anchor }
linux-signature-anchor = 证书链终止于内置证书 { $name }
linux-signature-anchor-once = 证书链终止于内置证书 { $name }，该证书仅有一个来源（{ $source }）
linux-signature-no-anchor = 证书链未终止于任何内置证书
linux-signature-changed = 内容与签名不符，签名后被修改
linux-signature-forged = 签名者自称由内置证书签发，但该证书并未签发它
linux-signature-unanchored = 签名密钥不被任何内置证书认可
linux-signature-none = 没有签名
lnx-kernel-001-title = 内核及其他在 ring 0 运行的内容未被修改
lnx-kernel-001-fix = 重新安装发行版的内核、initramfs 与引导程序；如确需使用自有内核，请提前与腾讯云确认
lnx-kernel-001-fail = { $why }（{ $level } 级）
lnx-kernel-001-warn = 未经证明，但不等于被修改：{ $why }（{ $level } 级）
lnx-kernel-001-equal = 下次启动时在 ring 0 运行的内容均与独立参考一致（K4 级）
lnx-kernel-001-proven = 下次启动时在 ring 0 运行的内容均由内置密钥的签名证明，或可由经此证明的文件解释（K5 级）
lnx-kernel-001-initramfs = { $path } 中有 { $count } 个文件与本系统的任何文件都不相符
lnx-kernel-001-unproven = { $path }：{ $reasons }
lnx-kernel-001-more = 另有 { $count } 个文件
lnx-kernel-001-object = { $level }：{ $reasons }
lnx-kernel-001-signed = { $level }，签名者 { $signer }：{ $reasons }
lnx-kernel-001-anchored = { $level }，由 { $anchor } 证明：{ $reasons }
lnx-kernel-001-signed-anchored = { $level }，签名者 { $signer }，由 { $anchor } 证明：{ $reasons }
lnx-kernel-001-modules = 共 { $count } 个内核模块，其中 { $proven } 个已证明
lnx-kernel-003-title = 内核文件属于软件包且与其记录一致
lnx-kernel-003-fix = 从发行版仓库重新安装内核软件包
lnx-kernel-003-fail = 有 { $count } 个内核文件并非软件包所安装的文件
lnx-kernel-003-no-database = 未找到可读取的软件包数据库，无法比对内核
lnx-kernel-003-unknown = 有 { $count } 个可能启动的内核缺少可供比对的依据
lnx-kernel-003-warn = 有 { $count } 个内核不属于任何软件包，但均非默认启动的内核
lnx-kernel-003-pass = 全部 { $count } 个内核与软件包记录一致（记录由谁签名见 LNX-KERNEL-004）
lnx-kernel-003-half-installed = 属于 { $package }，但该软件包仅部分安装
lnx-kernel-003-no-digest = 属于 { $package }，但该软件包未记录其摘要
lnx-kernel-003-equal = 属于 { $package }，与 { $record } 中的摘要一致
lnx-kernel-003-equal-to = 属于 { $package }，与 { $record } 中 { $path } 的摘要一致
lnx-kernel-003-differs = 属于 { $package }，但与 { $record } 中的摘要不一致
lnx-kernel-003-differs-from = 属于 { $package }，但与 { $record } 中 { $path } 的摘要不一致
lnx-kernel-003-same-as = 不属于任何软件包，但与 { $path } 完全相同
lnx-kernel-003-unowned-default = 默认启动的内核不属于任何软件包
lnx-kernel-003-unowned-spare = 不属于任何软件包，并非默认启动的内核
lnx-kernel-003-unowned = 不属于任何软件包，且无法确定启动哪个内核
lnx-kernel-003-not-there = 镜像中没有该启动项引导的内核
lnx-kernel-003-fix-entry = 在镜像中补上 { $kernel }，或删除启动项 { $place }
lnx-kernel-004-title = 内核及引导链的 RPM 软件包由发行版密钥签名
lnx-kernel-004-fix = 从发行版仓库重新安装上述软件包
lnx-kernel-004-no-rpm = 该系统不使用 RPM 软件包
lnx-kernel-004-unread-database = 无法读取软件包数据库
lnx-kernel-004-none = 软件包数据库中没有内核或引导链的软件包
lnx-kernel-004-fail = 内核及引导链中有 { $count } 个软件包或文件被修改，或来自其他厂商
lnx-kernel-004-unread = 有 { $count } 个软件包的签名无法校验
lnx-kernel-004-unproven = 有 { $count } 个软件包未由本系统厂商签名，而该厂商会为其全部软件包签名
lnx-kernel-004-no-key = 未内置本系统厂商的公钥，无法证明软件包由谁制作；可用 --trust 提供该公钥
lnx-kernel-004-weak = 有 { $count } 个厂商签名使用了已不安全的摘要算法
lnx-kernel-004-pass = { $count } 个软件包由厂商的内置密钥签名，文件与签名内容一致
lnx-kernel-004-package = { $package }（厂商 { $vendor }，构建于 { $host }）：{ $note }
lnx-kernel-004-forged = 包头被修改：{ $why }
lnx-kernel-004-unknown-key = 由未内置的密钥 { $key } 签名
lnx-kernel-004-not-verified = 签名无法校验：{ $why }
lnx-kernel-004-signed = 由 { $key } 签名
lnx-kernel-004-signed-on = 由 { $key } 于 { $day } 签名
lnx-kernel-004-one-source = { $signed }（该密钥仅有一个来源）
lnx-kernel-004-other-vendor = { $signed }，并非本系统的厂商
lnx-kernel-004-other-key = { $signed }，该密钥不用于本系统自身的软件包
lnx-kernel-004-differs = 与 { $package } 所安装的文件不一致
lnx-kernel-004-configured = { $package } 的配置文件，允许修改
lnx-kernel-004-no-file = 不是普通文件
lnx-kernel-004-missing = { $package } 缺少 { $count } 个文件，此为第一个
lnx-kernel-004-fix-replace = 将 { $package } 替换为本系统厂商的软件包：{ $command }
lnx-kernel-004-fix-trust = 使用厂商公钥重新扫描：--trust KEY
lnx-kernel-005-title = 内核带有发行版有效的安全启动签名
lnx-kernel-005-fix = 安装发行版带签名的内核
lnx-kernel-005-fail = 有 { $count } 个内核并非发行版所签名的内容
lnx-kernel-005-warn = 有 { $count } 个内核未由发行版的签名证明
lnx-kernel-005-revoked = 镜像中的 shim 会拒绝 { $count } 个已吊销的内核
lnx-kernel-005-pass = 所有内核均带有发行版的有效签名
lnx-kernel-005-own = 由发行版签名
lnx-kernel-005-other-system = 由其他系统的厂商签名
lnx-kernel-005-known-vendor = 由已知厂商签名，但无法确定其是否为本系统的厂商
lnx-kernel-005-other-key = 厂商会为该软件包的内核签名，但此内核由其他密钥签名
lnx-kernel-005-not-signed = 厂商会为该软件包的内核签名，但此内核没有签名
lnx-kernel-005-refused = { $shim } 会将其视为已吊销而拒绝
lnx-kernel-005-fix-signed = 安装发行版带签名的内核：{ $command }
lnx-kernel-005-fix-revoked = 将内核更新到未被吊销的版本：{ $command }
lnx-kernel-006-title = 内核映像结构完整，版本信息一致
lnx-kernel-006-fix = 重新安装内核软件包
lnx-kernel-006-fail = 内核映像损坏或版本信息相互矛盾，共 { $count } 处
lnx-kernel-006-warn = 内核映像有 { $count } 处需要查看
lnx-kernel-006-pass = 内核映像结构完整，版本信息一致
lnx-kernel-006-damaged = 已损坏：{ $error }
lnx-kernel-006-differs = 内部的内核为 { $release }，{ $place ->
    [header] 启动头
   *[name] 文件名
    [package] 软件包
 }为 { $other }
lnx-kernel-006-package-version = 软件包版本为 { $package }，内核自称 { $kernel }
lnx-kernel-006-other-build = 启动头与内部的内核并非同一次编译
lnx-kernel-006-no-modules = 没有对应的模块目录 /lib/modules/{ $release }
lnx-kernel-007-title = 编译时写入内核的校验和正确（Linux 6.15 之前）
lnx-kernel-007-fix = 重新安装内核软件包
lnx-kernel-007-fail = 有 { $count } 个内核在编译后被修改：校验和不一致
lnx-kernel-007-warn = 有 { $count } 个已签名内核的校验和不一致
lnx-kernel-007-pass = 内核校验和一致
lnx-kernel-007-none = 没有带校验和的内核
lnx-kernel-007-right = 校验和一致（任何人都可重新计算，仅作佐证）
lnx-kernel-007-signed = 校验和不一致，但厂商签名的正是此内容
lnx-kernel-007-wrong = 校验和不一致：内核在编译后被修改
lnx-kernel-008-title = 内核由发行版编译，并非自行编译
lnx-kernel-008-fix = 安装发行版的内核
lnx-kernel-008-fail = 有 { $count } 个会启动的内核为自行编译，且不属于任何软件包
lnx-kernel-008-warn = 有 { $count } 个内核的编译信息并非来自发行版
lnx-kernel-008-pass = 内核的编译信息来自发行版（文本可伪造，仅作佐证）
lnx-kernel-008-banner = { $note }：{ $banner }
lnx-kernel-008-expected = 发行版的编译者
lnx-kernel-008-changed = 版本后缀表明源码被修改
lnx-kernel-008-distribution = 由发行版编译
lnx-kernel-008-by-hand = 自行编译
lnx-kernel-008-other = 并非由发行版编译
lnx-kernel-008-not-known = 策略未列出该发行版的编译者
lnx-kernel-016-title = System.map、config 与 build ID 和内核一致
lnx-kernel-016-fix = 重新安装内核软件包
lnx-kernel-016-fail = 有 { $count } 个 System.map 与对应内核不一致
lnx-kernel-016-warn = System.map 或 config 与内核有 { $count } 处不一致或无法比对
lnx-kernel-016-pass = 在可比对的范围内，System.map、config 与内核一致
lnx-kernel-016-none = 没有可供比对的 System.map 或 config
lnx-kernel-016-stub = 不含地址的占位文件，无可比对
lnx-kernel-016-map = 内核的 linux_banner 位于所记录的地址
lnx-kernel-016-other-map = { $kernel } 在 linux_banner 的地址处是其他内容
lnx-kernel-016-something-else = 其他内容
lnx-kernel-016-unread = 无法比对：{ $why }
lnx-kernel-016-config = 与内核一致（build ID { $id }）
lnx-kernel-016-differs = { $name } 与内核不一致
lnx-kernel-016-record = 软件包的记录
lnx-kernel-016-no-btf = 没有 .BTF 节
lnx-kernel-016-no-key = 没有内置密钥
lnx-kernel-019-title = 内核属于系统所声称的发行版
lnx-kernel-019-fix = 安装发行版自身的内核并设为默认启动项
lnx-kernel-019-fail = 有 { $count } 个会启动的内核不是 { $system } 的内核
lnx-kernel-019-warn = 有 { $count } 个内核无法确认属于 { $system }
lnx-kernel-019-pass = 内核均属于 { $system }
lnx-kernel-019-release = 版本 { $release }：{ $note }
lnx-kernel-019-expected = { $system } 的内核
lnx-kernel-019-signed-by-other = 由其他厂商签名（{ $name }）
lnx-kernel-019-foreign = 属于 { $name }，并非任何发行版提供
lnx-kernel-019-own = 符合该发行版的版本命名
lnx-kernel-019-not-known = 策略未列出该发行版
lnx-kernel-019-other-form = 符合 { $systems } 的版本命名
lnx-kernel-019-no-release = 不符合该发行版的任何版本命名
lnx-kernel-019-other-release = 不符合策略所列的该发行版版本命名
lnx-kernel-020-title = 内核、模块及引导文件与参考库一致
lnx-kernel-020-fix = 重新安装上述文件所属的软件包
lnx-kernel-020-no-reference = 未提供参考库（--baseline）
lnx-kernel-020-fail = 有 { $count } 个文件与参考库不同（{ $equal } 个相同，{ $absent } 个无记录）
lnx-kernel-020-nothing = 没有可与参考库比对的文件
lnx-kernel-020-warn = 有 { $count } 个文件在参考库中无记录（{ $equal } 个相同）
lnx-kernel-020-pass = 全部 { $equal } 个文件与参考库一致；系统自行生成的文件不参与比对
lnx-kernel-020-differs = 参考库中同一版本的文件与此不同（来源：{ $source }）
lnx-kernel-020-absent = 参考库中没有该版本的记录
lnx-kernel-020-fix-file = 将 { $path } 替换为发行版的文件
lnx-kernel-020-fix-reference = 将已安装的软件包加入参考库后重新扫描
lnx-kernel-021-title = 内核没有已被利用的漏洞，且仍有更新
lnx-kernel-021-fix = 更新内核，或改用仍有更新的系统版本
lnx-kernel-021-fail = 会启动的内核存在 { $count } 个已被利用的漏洞
lnx-kernel-021-warn = 非默认启动的内核存在 { $count } 个已被利用的漏洞
lnx-kernel-021-pass = 内核没有策略所列的漏洞
lnx-kernel-021-not-listed = 策略未列出该系统的漏洞
lnx-kernel-021-ended = { $system } 的厂商已停止更新
lnx-kernel-021-flaw = 存在 { $flaw }，该漏洞已被利用，修复版本为 { $version }
lnx-kernel-021-or-later = { $version } 或更新版本
lnx-kernel-021-kernel = { $release }，软件包版本 { $package }
lnx-kernel-021-fix-update = 将 { $package } 更新到 { $version } 或更新版本：{ $command }
lnx-kernel-021-fix-system = 改用仍有更新的系统版本制作镜像，不要使用 { $system }

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
linux-initramfs-make = 重新生成 initramfs：{ $command }
linux-loader-install = 重新安装发行版的引导程序：{ $command }
lnx-kernel-002-title = 可引导的内核及默认启动项明确
lnx-kernel-002-fix = 在 /boot 中仅保留发行版的内核，并设为默认启动项（/etc/default/grub 中的 GRUB_DEFAULT）
lnx-kernel-002-not-known = 无法确定默认启动哪个内核
lnx-kernel-002-fail = 默认启动的 { $path } 不属于任何软件包
lnx-kernel-002-unknown = 无法完全确定默认启动哪个内核
lnx-kernel-002-warn = 默认启动 { $path }，但有 { $count } 处需要查看
lnx-kernel-002-pass = 共 { $count } 个内核，默认启动 { $path }
lnx-kernel-002-entry = 默认启动项（{ $place }）：{ $title }
lnx-kernel-002-default = 默认启动：{ $banner }
lnx-kernel-002-once = 仅下一次启动使用另一启动项
lnx-kernel-002-hidden = 启动菜单被隐藏（timeout 为 0）
lnx-kernel-002-vendors = 存在多个供应商的内核，此内核来自 { $vendor }
lnx-kernel-002-older = 默认内核比 { $release } 旧
lnx-kernel-002-fix-once = 删除仅用于下一次启动的选择（{ $place }）：grub-editenv - unset next_entry
lnx-kernel-002-fix-hidden = 在 /etc/default/grub 中设置 GRUB_TIMEOUT=5，并重新生成启动菜单：{ $command }
lnx-kernel-002-fix-vendors = 卸载并非由发行版提供的内核软件包
lnx-kernel-002-fix-older = 默认启动 { $release }（在 /etc/default/grub 中设置 GRUB_DEFAULT=0，然后执行 { $command }），或卸载其软件包
lnx-kernel-013-title = 内核启动参数未改变启动流程或削弱内核
lnx-kernel-013-fix = 从引导配置中删除上述参数
lnx-kernel-013-fail = 有 { $count } 个内核参数会使下次启动运行其他程序
lnx-kernel-013-warn = 有 { $count } 个内核参数会削弱内核，或改变需人工选择的启动流程
lnx-kernel-013-unknown = 未找到启动菜单，无法得知内核参数
lnx-kernel-013-pass = 共 { $count } 条启动参数，均未削弱内核或改变启动流程
lnx-kernel-013-redirected = 下次启动即使用 { $argument }
lnx-kernel-013-redirected-entry = 选择此启动项时使用 { $argument }
lnx-kernel-013-redirected-later = 以后生成的菜单将使用 { $argument }
lnx-kernel-013-weakened = { $argument } 会在下次启动时削弱内核
lnx-kernel-013-weakened-entry = 使用此行时 { $argument } 会削弱内核
lnx-kernel-013-expected = 不含 { $argument }
lnx-kernel-013-default = 默认启动使用：{ $line }
lnx-kernel-013-chosen = 人工选择时使用：{ $line }
lnx-kernel-013-later = 用于以后生成的菜单：{ $line }
lnx-kernel-013-fix-grub = 从 { $file } 的 GRUB_CMDLINE_LINUX 与 GRUB_CMDLINE_LINUX_DEFAULT 中删除 { $argument }，并重新生成启动菜单：{ $command }
lnx-kernel-013-fix-line = 从 { $place } 中删除 { $argument }
lnx-kernel-014-title = initramfs 的内容均来自系统自身的文件
lnx-kernel-014-fix = 重新生成 initramfs
lnx-kernel-014-none = 启动项未加载 initramfs
lnx-kernel-014-fail = { $path } 中有 { $count } 个可执行或可控制启动的文件与本系统的任何文件都不相符
lnx-kernel-014-warn = { $path } 中有 { $count } 个文件未能完全解释：数据文件、不属于任何软件包的文件，或由 dracut 改动的文件
lnx-kernel-014-pass = { $count } 个 initramfs 中的全部文件均可由系统文件解释
lnx-kernel-014-covered = 内核映像的一部分，已由该映像的签名覆盖
lnx-kernel-014-member = { $name }（第 { $archive } 个归档）：{ $note }
lnx-kernel-014-expected = 本系统的文件
lnx-kernel-014-unknown = 与本系统的任何文件都不相符
lnx-kernel-014-recorded = 与 { $path } 一致，但 { $package } 为该文件记录的摘要不同
lnx-kernel-014-unowned = 与 { $path } 一致，但该文件不属于任何软件包
lnx-kernel-014-derived = 与由其来源推导的内容不符：{ $how }
lnx-kernel-014-dracut = dracut 会裁剪或生成此类文件，无法比对
lnx-kernel-014-unproven = 未经内核密钥证明的模块
lnx-kernel-014-summary = { $archives } 个归档中共 { $files } 个文件（含 { $modules } 个模块）：{ $same } 个与同路径文件一致，{ $copied } 个与其他位置的文件一致，{ $derived } 个为派生或空文件，{ $left } 个无法解释
lnx-kernel-014-fix-unowned = 安装 { $path } 所属的软件包，或删除该文件
lnx-kernel-017-title = 引导程序由厂商签名，且代次未被拒绝
lnx-kernel-017-fix = 安装发行版带签名的 UEFI 引导程序（shim 与 GRUB）
lnx-kernel-017-none = 未找到引导程序文件，启动内核的程序未经证明
lnx-kernel-017-fail = 引导程序有 { $count } 个部分被修改
lnx-kernel-017-warn = 引导程序有 { $count } 个部分未经证明
lnx-kernel-017-pass = 所有引导程序均已签名，并被上一级程序接受
lnx-kernel-017-signed = 签名有效
lnx-kernel-017-no-shim = 已签名，但镜像中没有经证明的 shim 接受该签名者
lnx-kernel-017-generation = 其 { $component } 的代次会被较新的固件拒绝
lnx-kernel-017-generation-expected = { $component },{ $generation } 或更高
lnx-kernel-017-no-sbat = 没有 SBAT 代次的 shim，会被较新的固件拒绝
lnx-kernel-017-module-differs = 与软件包在 { $folder } 中的副本不一致
lnx-kernel-017-no-originals = 有 { $count } 个 GRUB 模块没有可比对的软件包副本
lnx-kernel-017-module-unknown = 软件包中没有该 GRUB 模块的副本
lnx-kernel-017-modules-equal = { $count } 个模块与软件包副本一致
lnx-kernel-017-no-boot-code = 装有用于 BIOS 的 GRUB，但磁盘首扇区没有引导代码
lnx-kernel-017-code-changed = { $part } 的来源文件与软件包的记录不一致
lnx-kernel-017-code-unknown = { $part } 的代码不来自任何软件包的文件
lnx-kernel-017-code-expected = GRUB 软件包的文件
lnx-kernel-017-no-file = 不来自镜像中的文件
lnx-kernel-017-bios = 由不校验签名的 BIOS 启动；{ $count } 个组成部分中有 { $explained } 个来自软件包的文件
lnx-kernel-017-bios-expected = 所有部分均来自软件包的文件
lnx-kernel-017-bios-found = 软件包：{ $packages }；首先执行的命令：{ $config }

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
win-absent = 不应存在
win-no-file = 无此文件
win-none-of-these = 均不存在
win-fix-sfc = 从组件存储恢复该文件：sfc /scanfile="{ $path }"
win-fix-bcdboot = 重新写入引导文件：bcdboot %SystemRoot% /f ALL
win-fix-catalogs = 恢复无法读取的目录文件：DISM /Online /Cleanup-Image /RestoreHealth
win-fix-file = 删除该文件：del /f /a "{ $path }"
win-fix-driver = 安装经微软签名或认证的驱动版本，或将其移除：先执行 sc delete "{ $service }"，再执行 del /f "{ $path }"
win-fix-certificate = 移除该证书：reg delete "{ $key }" /f

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
win-boot-ini = Vista 之前的 Windows 由 boot.ini 启动，没有启动配置数据（BCD）
win-boot-no-store = 所有卷上都没有启动配置（\Boot\BCD 或 \EFI\Microsoft\Boot\BCD）
win-boot-no-store-read = 在可读取的部分中未找到启动配置（\Boot\BCD 或 \EFI\Microsoft\Boot\BCD）
win-boot-next = 下次启动一次
win-boot-default = 默认启动
win-boot-menu = 启动时可选
win-boot-001-title = 启动管理器、默认启动项与加载器均存在
win-boot-001-fix = 重新写入引导文件：bcdboot %SystemRoot% /f ALL
win-boot-001-pass = 启动管理器、默认启动项与加载器均存在
win-boot-001-warn = 默认启动项可指向其加载器，但启动配置的其他部分无法解析
win-boot-001-fail = 启动配置无法指向本镜像中的加载器
win-boot-001-unknown = 在启动配置可读取的部分中未找到通往加载器的路径
win-boot-001-manager = 启动管理器
win-boot-001-no-manager = 启动管理器不存在
win-boot-001-no-default = 没有默认启动项
win-boot-001-no-default-set = 未设置默认启动项
win-boot-001-object = 本启动配置中的项
win-boot-001-here = 本镜像中的分区
win-boot-001-device = 设备
win-boot-001-element = { $title } 的 { $name }
win-boot-001-loader = 加载器
win-boot-001-no-loader = 加载器不存在
win-boot-001-file = 该设备上的文件
win-boot-001-no-recovery = 恢复启动项不存在
win-boot-002-title = virtio 存储与网络驱动随系统启动且已签名
win-boot-002-fix = 安装云平台的 virtio 驱动（存储与网络），重启一次后重新制作镜像
win-boot-002-pass = virtio 存储驱动随系统启动，网络驱动已安装
win-boot-002-modified = virtio 驱动文件与其数字签名不符
win-boot-002-unsigned = virtio 驱动会启动，但没有受信任的数字签名
win-boot-002-no-device = virtio 驱动已安装，但系统未登记 virtio 存储设备
win-boot-002-no-network = virtio 存储驱动随系统启动，但网络驱动缺失或被禁用
win-boot-002-late = virtio 存储驱动会启动，但晚于系统
win-boot-002-unknown = 在可读取的部分中未找到 virtio 存储驱动
win-boot-002-fail = 没有随系统启动的 virtio 存储驱动
win-boot-002-none = 未安装此类驱动
win-boot-002-boot-start = 0（引导）
win-boot-002-any-start = 0 至 3
win-boot-002-start = { $service } 的启动类型
win-boot-002-override = StartOverride 推迟了 { $service } 的启动
win-boot-002-override-wanted = 小于 3
win-boot-002-driver = { $service } 的驱动文件，{ $bytes } 字节：{ $why }
win-boot-002-signature = 受信任的数字签名
win-boot-002-missing = { $service } 的驱动文件不存在
win-boot-002-device = 系统已登记 virtio 存储设备
win-boot-002-device-absent = 系统未登记任何 virtio 存储设备
win-boot-002-fix-driver = 安装带有有效签名的 virtio 驱动 { $path }
win-kernel-signed = 已签名
win-kernel-modified = 签名后被修改
win-kernel-unsigned = 没有签名，也没有目录文件收录
win-kernel-no-signature-seen = 未找到签名，但部分目录文件无法读取
win-kernel-vulnerable = 已知可被攻击者利用来控制内核的驱动
win-kernel-vulnerable-wanted = 不含已知被滥用的驱动
win-kernel-file-version = { $note }；版本 { $version }
win-kernel-file-services = { $count ->
   *[other] { $note }；服务 { $services }
 }
win-kernel-001-title = 内核中运行的内容均为原版
win-kernel-001-fix = 恢复系统文件：先执行 sfc /scannow，再执行 DISM /Online /Cleanup-Image /RestoreHealth；将所列驱动替换为经微软签名或认证的版本
win-kernel-001-level = 级别 { $level }
win-kernel-001-reasons = 级别 { $level }：{ $reasons }
win-kernel-001-wanted = K4 或 K5
win-kernel-002-title = 内核、HAL、代码完整性模块、加载器与启动管理器均带有有效的微软签名
win-kernel-002-fix = 恢复系统文件：先执行 sfc /scannow，再执行 DISM /Online /Cleanup-Image /RestoreHealth
win-kernel-002-pass = 内核与引导文件均带有有效的微软签名
win-kernel-002-warn = 有 { $count } 个引导文件由其他厂商签名
win-kernel-002-fail = 有 { $count } 个内核或引导文件并非微软签名的原始文件
win-kernel-002-unknown = 有 { $count } 个内核或引导文件无法判断
win-kernel-002-wanted = 可追溯至微软证书的签名
win-kernel-002-other-loader = 其他厂商的引导程序
win-kernel-002-other-anchor = 已签名，但签发机构不为 Windows 签名
win-kernel-002-other-usage = 已签名，但证书用途不是 Windows 系统组件
win-kernel-002-other-signer = 由其他签名者签名
win-kernel-002-no-pe = 不是 PE 映像，无法携带签名，未经证明
win-kernel-002-missing = System32\{ $name } 不存在
win-kernel-003-title = 无内嵌签名的内核文件均由有效的目录文件收录
win-kernel-003-fix = 恢复系统文件及其目录文件：先执行 DISM /Online /Cleanup-Image /RestoreHealth，再执行 sfc /scannow
win-kernel-003-pass = 无内嵌签名的文件均由有效的目录文件收录
win-kernel-003-warn = 有 { $count } 个文件由其他签名者的目录文件收录，或未被收录且未被加载
win-kernel-003-fail = 有 { $count } 个文件既无内嵌签名，也未被目录文件收录
win-kernel-003-unknown = 无法确定目录文件是否收录 { $count } 个文件
win-kernel-003-none = 没有文件依赖目录文件
win-kernel-003-listed = 已收录
win-kernel-003-idle = 未收录，且没有服务加载它
win-kernel-003-not-seen = 在可读取的目录文件中未找到
win-kernel-003-no-store = 镜像中没有目录文件存储
win-kernel-003-unlisted = 没有目录文件收录
win-kernel-003-other-signer = 收录它的目录文件并非由微软签名
win-kernel-003-wanted = 由微软签名的目录文件收录
win-kernel-004-title = 启动配置未关闭签名校验，且指向常规加载器
win-kernel-004-fix = 使用 bcdedit /deletevalue 移除所列设置
win-kernel-004-pass = 启动配置未关闭任何校验，且指向常规加载器
win-kernel-004-warn = 有 { $count } 项设置用于调试，或削弱非默认启动项
win-kernel-004-fail = 有 { $count } 项设置关闭了代码完整性校验，或指向其他加载器或内核
win-kernel-004-no-entry = 没有可启动的项
win-kernel-004-entry = { $title }（{ $turn }）
win-kernel-004-element = { $title } 的 { $name }（{ $id }）
win-kernel-004-path = 不是常规路径
win-kernel-004-fix-delete = 移除该设置：bcdedit /deletevalue { $object } { $name }
win-kernel-004-fix-set = 设置常规路径：bcdedit /set { $object } { $name } { $wanted }
win-kernel-006-title = 所有驱动均已签名且位于常规目录
win-kernel-006-fix = 安装所列驱动经微软签名或认证的版本，或使用 sc delete 移除其服务
win-kernel-006-pass = 所有驱动均由微软签名或认证，且位于常规目录
win-kernel-006-warn = 有 { $count } 个驱动缺少文件、位置异常或未被加载
win-kernel-006-fail = 有 { $count } 个驱动未签名、被修改、已知被滥用或位于不应存放驱动的目录
win-kernel-006-unknown = 有 { $count } 个驱动需人工判断：签名者未获微软认可
win-kernel-006-wanted = 经微软签名或认证的驱动
win-kernel-006-self-signed = 使用自签名证书
win-kernel-006-other-signer = 已签名，但签名者未获微软认可，需人工判断
win-kernel-006-place = 服务 { $service } 的驱动不在常规目录中
win-kernel-006-missing = 服务 { $service } 的驱动文件不存在
win-kernel-006-missing-elsewhere = 服务 { $service } 的驱动文件不存在，且路径不在常规目录中
win-kernel-006-no-file = { $path }：无此文件
win-kernel-006-no-image-path = 没有 ImagePath，也无此文件
win-kernel-006-fix-place = 从驱动包重新安装 { $service } 的驱动，或将其移除：sc delete "{ $service }"
win-kernel-006-fix-signer = 安装 { $path } 经微软签名或认证的版本；若信任其签名者，可用 --trust 指定其证书后重新扫描
win-kernel-006-fix-missing = 移除没有驱动文件的服务：sc delete "{ $service }"
win-kernel-008-title = 系统文件与组件存储一致
win-kernel-008-fix = 修复组件存储与系统文件：先执行 DISM /Online /Cleanup-Image /RestoreHealth，再执行 sfc /scannow
win-kernel-008-pass = 系统文件与组件存储一致
win-kernel-008-warn = 有 { $count } 个系统文件与组件存储不一致，但签名有效
win-kernel-008-fail = 有 { $count } 个系统文件与组件存储不一致，且没有有效签名
win-kernel-008-none = 没有可与组件存储比较的文件
win-kernel-008-file = { $name }；{ $proof }
win-kernel-008-wanted = 其组件中的文件
win-kernel-008-linked = MFT 记录 { $record }：{ $path }
win-kernel-008-other = MFT 记录 { $record }，而 { $path } 是另一条记录
win-kernel-008-no-component = WinSxS 中没有该组件
win-kernel-008-no-store = WinSxS 不存在
win-kernel-009-title = 没有绕过 PatchGuard 或签名校验的工具，没有 bootkit
win-kernel-009-fix = 使用原版系统重新制作镜像
win-kernel-009-pass = 没有内容绕过内核保护，Windows 启动前没有未知代码运行
win-kernel-009-warn = 有 { $count } 处 Windows 启动前运行的程序或引导扇区未知
win-kernel-009-fail = 发现 { $count } 处 bootkit 或绕过内核保护的痕迹
win-kernel-009-named = { $name }：{ $proof }
win-kernel-009-bypass = 用于关闭内核保护的程序
win-kernel-009-signed = 由微软签名
win-kernel-009-other-program = 被微软的其他程序替代
win-kernel-009-renamed = 被改名的 Windows 引导程序
win-kernel-009-other-vendor = 其他厂商的引导程序
win-kernel-009-replaced = 引导程序已被替换
win-kernel-009-extra = Windows 自身没有的程序
win-kernel-009-efi-wanted = 由微软签名的引导程序
win-kernel-009-hidden = 扩展名异常的程序
win-kernel-009-pe = PE 映像
win-kernel-009-loaded-copy = 启动配置加载该内核副本
win-kernel-009-copy = 以其他名称存放的内核或加载器副本
win-kernel-009-unsigned-copy = 以其他名称存放且未经微软签名的内核或加载器
win-kernel-009-certificate = { $store } 中的自签名证书可为代码担保
win-kernel-009-mbr = 主引导记录代码
win-kernel-009-partition = 活动分区引导代码
win-kernel-009-code-wanted = 无代码，或 Windows 的代码
win-kernel-009-blank = 无代码
win-kernel-009-unknown = 未知，SHA-256 { $sha256 }
win-kernel-009-free = 第一个分区之前的扇区
win-kernel-009-zeros = 全零
win-kernel-009-zero-bytes = 全零，{ $bytes } 字节
win-kernel-009-free-used = { $count } 个扇区有内容，自字节 { $at } 起共 { $bytes } 字节
win-kernel-009-fix-efi = 挂载 EFI 分区（mountvol S: /S）后删除该文件：del /f /a "S:{ $path }"
win-kernel-009-fix-mbr = 写入 Windows 的主引导记录：bootsect /nt60 SYS /mbr
win-kernel-009-fix-partition = 写入 Windows 的引导扇区：bootsect /nt60 SYS
win-kernel-009-fix-free = 说明第一个分区之前的扇区内容，或将其清零（GPT 分区表位于该处，须保留）
win-kernel-010-title = 事件日志中没有未通过校验的文件和新装驱动的记录
win-kernel-010-fix = 移除事件所涉的文件与驱动，或在商品页说明，然后重新制作镜像
win-kernel-010-pass = 日志中没有安装或拒绝驱动、文件未通过校验的记录
win-kernel-010-warn = 有 { $count } 条日志记录的驱动或文件需要说明
win-kernel-010-unknown = 有 { $count } 个日志不存在或为空（sysprep 之后属正常），无法得知此前的运行情况
win-kernel-010-fix-unknown = 若日志由 sysprep 清除，则无需处理；否则制作镜像时请勿清除日志
win-kernel-010-absent = 日志不存在
win-kernel-010-empty = 日志为空
win-kernel-010-event = { $note }：事件 { $id }，记录 { $record }，{ $time }
win-kernel-010-records = { $count } 条记录，自第 { $first } 条起
win-kernel-010-wanted = 无此类事件
win-kernel-011-title = 内核属于已安装的系统版本，且该版本受微软支持
win-kernel-011-fix = 安装 Windows 的所有更新，并恢复内核：sfc /scannow
win-kernel-011-pass = 内核属于版本 { $build }，与注册表一致
win-kernel-011-warn = 内核没有版本信息，或比注册表所示版本 { $build } 更新
win-kernel-011-old = 微软已停止支持版本 { $build }
win-kernel-011-fix-unknown = 恢复内核（sfc /scanfile=%SystemRoot%\System32\ntoskrnl.exe）及 HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion 的值 CurrentBuild
win-kernel-011-fail = 内核不属于注册表所示的版本 { $build }
win-kernel-011-unknown = 无法确定内核版本
win-kernel-011-no-build = 注册表未给出系统版本号
win-kernel-011-no-version = 没有版本信息
win-kernel-011-none = 无版本信息
win-kernel-011-other = 属于其他版本
win-kernel-011-newer = 比注册表所示版本更新
win-kernel-011-same = 属于本版本
win-kernel-011-no-file = 没有带有版本号的内核文件
win-kernel-011-unsupported = 微软已停止支持该版本
win-kernel-011-supported = 受支持的版本
win-kernel-011-fix-unsupported = 使用微软仍支持的 Windows 版本制作镜像；版本 { $build } 已不再获得更新
win-kernel-012-title = 内核文件与参考一致
win-kernel-012-fix = 恢复有差异的文件：sfc /scannow
win-kernel-012-pass = 所有内核文件与参考一致
win-kernel-012-warn = 参考数据库未收录 { $count } 个文件
win-kernel-012-fail = 有 { $count } 个文件与同版本参考内容不同
win-kernel-012-none = 未提供参考数据库（--baseline）
win-kernel-012-not-hashed = 无法计算摘要
win-kernel-012-equal = { $name }：与 { $origin } 一致
win-kernel-012-different = { $name }：同版本在 { $origin } 中为 { $sha256 }
win-kernel-012-absent = { $name }：数据库未收录
win-kernel-012-wanted = 与参考一致
win-kernel-012-fix-absent = 将含有这些版本的镜像加入数据库：imgscan baseline add

### 检测项：Windows sysprep

### 检测项：Windows 账户与访问
win-cap-003-title = 没有其他虚拟化平台的工具
win-cap-003-fix = 卸载所列工具（appwiz.cpl）后重新制作镜像
win-cap-003-pass = 未安装其他虚拟化平台的工具
win-cap-003-warn = 安装了 { $count } 个其他虚拟化平台的驱动或工具
win-cap-003-service = 其他虚拟化平台的驱动或工具
win-cap-003-idle = 其他虚拟化平台的驱动或工具（不自动启动）
win-cap-003-program = 其他虚拟化平台的程序
win-cap-003-fix-service = 卸载该服务所属的产品，或移除该服务：sc delete "{ $service }"
win-cap-003-fix-program = 卸载 { $name }（appwiz.cpl）

### 检测项：Windows 网络、时间与基本能力

### 检测项：Windows 持久化

### 检测项：Windows 防护
win-def-001-title = Defender 已启用且没有大范围排除
win-def-001-fix = 启用 Defender 并删除排除项（可用 Get-MpPreference 列出）
win-def-001-none = 系统未安装 Defender
win-def-001-pass = Defender 已启用，没有排除项
win-def-001-warn = 有 { $count } 处设置或排除项削弱 Defender
win-def-001-fail = 有 { $count } 处设置或排除项使系统失去 Defender 的保护
win-def-002-title = 防火墙、UAC、远程管理、SMB 1 与 hosts 处于安全状态
win-def-002-fix = 启用防火墙与 UAC，关闭所列端口，删除 hosts 中的所列行
win-def-002-pass = 防火墙、UAC 与域名解析处于安全状态
win-def-002-warn = 有 { $count } 处设置削弱系统防护
win-def-002-fail = 有 { $count } 处设置使系统失去防护
win-def-002-redirected = 升级或安全服务的域名被重定向
win-def-002-by-hand = 手工指定的域名解析
win-def-002-off = 防火墙的 { $profile } 配置文件已关闭
win-def-002-service = 服务 { $service } 自动启动并开放端口 { $port }
win-def-002-manual = 3（手动）或 4（禁用）
win-def-002-rule = 防火墙规则向任意来源开放端口 { $port }
win-def-002-fix-hosts = 删除 { $path } 的第 { $line } 行：{ $content }
win-def-002-fix-service = 禁用该服务：sc config "{ $service }" start= disabled

### 检测项：Windows 信息泄露
win-leak-bytes = { $bytes } 字节
win-leak-001-title = 没有遗留口令或密钥
win-leak-001-fix = 删除所列文件或其中的口令
win-leak-001-pass = 没有遗留口令或密钥
win-leak-001-warn = 遗留 { $count } 处凭据痕迹
win-leak-001-fail = 遗留 { $count } 处口令或密钥
win-leak-001-answer = 应答文件中的口令：{ $element }
win-leak-001-no-password = 无口令
win-leak-001-no-secret = 无敏感信息
win-leak-001-fix-answer = 删除 { $path }，或其元素 { $element } 中的口令
win-leak-001-fix-line = 删除 { $path } 的第 { $line } 行，或其中的敏感信息
win-leak-002-title = 日志、更新缓存、转储、休眠与页面文件已清理
win-leak-002-fix = 制作镜像前清理所列日志、缓存与转储文件
win-leak-002-pass = 日志、缓存与转储文件很小或不存在
win-leak-002-warn = 有 { $count } 处日志、缓存或转储文件应清理
win-leak-002-limit = 至多 { $bytes } 字节
win-leak-002-size = { $count } 个文件，{ $bytes } 字节
win-leak-002-fix-clean = 清理 { $path }
win-cert-001-title = 受信任证书中没有新增的颁发机构或发布者
win-cert-001-fix = 从证书存储中移除所列证书（certlm.msc）
win-cert-001-pass = { $count } 个受信任证书均为已知根证书
win-cert-001-warn = 受信任存储中新增 { $count } 个证书
win-cert-001-fail = 有 { $count } 个不应受信任的证书
win-cert-001-key = 键名与证书指纹不符
win-cert-001-added = { $what }（{ $store }），有效期至 { $expires }
win-cert-001-bad = 信任测试或中间人证书颁发机构
win-cert-001-private = 信任私有根证书，且设置了代理
win-cert-001-authority = 新增的受信任颁发机构
win-cert-001-publisher = 新增的受信任发布者
win-cert-001-wanted = Windows 信任的根证书
win-cert-001-proxy = 代理设置

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
