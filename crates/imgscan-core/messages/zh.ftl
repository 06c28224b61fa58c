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

### 检测项：整个镜像

### 检测项：Linux 组件

### 检测项：Linux 网络与时间

### 检测项：Linux 账户

### 检测项：Linux 内核

### 检测项：Linux 模块

### 检测项：Linux 引导

### 检测项：Windows 组件与 cloudbase-init

### 检测项：Windows 引导与内核

### 检测项：Windows sysprep

### 检测项：Windows 账户与访问

### 检测项：Windows 网络、时间与基本能力

### 检测项：Windows 持久化

### 检测项：Windows 防护

### 检测项：Windows 信息泄露

### 报告

### 差异
