"""What the maker of an image leaves in it, and every customer gets: passwords, tokens and keys."""
from windows_disk import *

change = Changes()
CHECK = 'WIN-LEAK-001'
HOME, ROAMING = r'Users\Administrator', r'Users\Administrator\AppData\Roaming'


def left(name, why, path, text):
    change.row(name, why, CHECK, path.rpartition('\\')[2], lambda d: d.put(path, text))


left('token-of-a-registry', 'npm sends the token of this file to the registry (npm, .npmrc).', rf'{HOME}\.npmrc', '//registry.example.com/:_authToken=npm_0123456789\n')
left('password-of-a-package-index', 'twine logs on with it (packaging.python.org, .pypirc).', rf'{HOME}\.pypirc', '[pypi]\nusername = x\npassword = pypi-0123\n')
left('password-of-a-container-registry', 'base64 of user and password (docker login).', rf'{HOME}\.docker\config.json', '{"auths":{"r.example.com":{"auth":"dTpQYXNzdzByZA=="}}}')
left('key-of-a-cloud', 'The command line of the cloud signs with it.', rf'{HOME}\.aliyun\config.json', '{"profiles":[{"access_key_id":"LTAI","access_key_secret":"s3cr3t"}]}')
left('password-of-a-database', 'mysql reads the option file of its user.', rf'{HOME}\.my.cnf', '[client]\npassword=Sup3r.Secret\n')
left('password-of-a-repository', 'git keeps the password that is a part of the address.', r'inetpub\wwwroot\.git\config', '[remote "origin"]\n\turl = https://u:Sup3r@git.example.com/x\n')
left('key-of-a-storage', 'rclone hides passwords by a key that is public (rclone obscure).', rf'{ROAMING}\rclone\rclone.conf', '[x]\ntype = sftp\npass = y0123\n')
left('token-of-terraform', 'terraform login keeps it there.', rf'{ROAMING}\terraform.d\credentials.tfrc.json', '{"credentials":{"app.terraform.io":{"token":"abc.atlasv1.x"}}}')
left('password-of-a-connection', 'mRemoteNG encrypts by a default key that is public.', rf'{ROAMING}\mRemoteNG\confCons.xml', '<Connections><Node Name="x" Password="AbCd0123=="/></Connections>\n')
left('password-of-ultravnc', 'VNC encrypts by a key that is public.', r'Program Files\uvnc bvba\UltraVNC\ultravnc.ini', '[ultravnc]\npasswd=0123456789ABCDEF00\n')
left('key-of-a-wireless-network', 'A profile whose key is not protected.', r'ProgramData\Microsoft\Wlansvc\Profiles\Interfaces\{1}\{2}.xml', '<sharedKey><keyMaterial>secret</keyMaterial></sharedKey>\n')
left('secret-of-a-web-application', 'dotenv reads it.', r'inetpub\wwwroot\.env', 'DB_HOST=127.0.0.1\nDB_PASSWORD=Sup3r\n')
left('password-in-a-history', 'The shell of git keeps what was typed.', rf'{HOME}\.bash_history', 'mysql -u root -pSup3r.Secret\n')
left('copy-of-the-accounts', 'A second SAM is as good as the first.', r'Windows\repair\SAM', b'regf' + bytes(4092))
left('credentials-of-gcloud', 'gcloud keeps its refresh tokens there.', rf'{ROAMING}\gcloud\credentials.db', b'SQLite format 3\0' + bytes(4080))


@change(CHECK, 'Password')
def password_saved_by_winscp(d):
    """WinSCP encrypts by a key that is public."""
    d.user(r'Software\Martin Prikryl\WinSCP 2\Sessions\root@203.0.113.9', 'Password', SZ, 'A35C455E72')


@change(CHECK, 'PasswordViewOnly')
def second_password_of_tightvnc(d):
    """Whoever knows it sees the screen."""
    d.software(r'TightVNC\Server', 'PasswordViewOnly', BINARY, bytes(8))


change.row('templates-of-secrets', 'Variables and empty values in the place of secrets.', None, None, lambda d: (
    d.put(rf'{HOME}\.npmrc', 'registry=https://registry.example.com/\n//registry.example.com/:_authToken=${NPM_TOKEN}\n'),
    d.put(rf'{HOME}\.docker\config.json', '{"auths":{"r.example.com":{}},"credsStore":"wincred"}'),
    d.put(r'inetpub\wwwroot\.env', 'DB_PASSWORD=\nSECRET_KEY=${SECRET_KEY}\nAPP_NAME=x\n'),
    d.put(rf'{HOME}\.gitconfig', '[user]\n\tname = x\n\temail = x@example.com\n')))
left('key-of-the-object-storage', 'coscli signs with it.', rf'{HOME}\.cos.yaml', 'cos:\n  base:\n    secretid: AKID0123\n    secretkey: s3cr3t\n')
left('key-of-the-older-tool', 'coscmd signs with it.', rf'{HOME}\.cos.conf', '[common]\nsecret_id = AKID0123\nsecret_key = s3cr3t\n')
left('token-of-github', 'gh keeps its token there where the system has no store for it.', rf'{ROAMING}\GitHub CLI\hosts.yml', 'github.com:\n    oauth_token: gho_0123\n')
left('password-of-nuget', 'NuGet keeps it in clear where it is told to.', rf'{ROAMING}\NuGet\NuGet.Config',
     '<configuration><packageSourceCredentials><x>\n<add key="ClearTextPassword" value="Sup3r"/>\n</x></packageSourceCredentials></configuration>')
left('password-of-maven', 'Maven logs on with it.', rf'{HOME}\.m2\settings.xml', '<settings><servers><server>\n<password>Sup3r.Secret</password>\n</server></servers></settings>')
left('key-that-was-downloaded', 'A private key is one in any folder.', rf'{HOME}\Downloads\id_rsa', '-----BEGIN RSA PRIVATE KEY-----\nMIIEow\n-----END RSA PRIVATE KEY-----\n')
left('key-as-text', 'A private key is one under any name.', rf'{HOME}\Documents\server.pem', '-----BEGIN PRIVATE KEY-----\nMIIEvg\n-----END PRIVATE KEY-----\n')
left('values-of-terraform', 'Variables of a project hold what it logs on with.', rf'{HOME}\project\terraform.tfvars', 'db_password = "Sup3r.Secret"\n')
left('password-in-a-log', 'cloudbase-init logs the metadata that it got.', r'Program Files\Cloudbase Solutions\Cloudbase-Init\log\cloudbase-init.log', 'DEBUG: got {"admin_pass": "Sup3r.Secret"}\n')
left('file-of-passwords', 'The name says what is in it.', rf'{HOME}\Documents\密码.txt', 'Administrator Sup3r.Secret')
