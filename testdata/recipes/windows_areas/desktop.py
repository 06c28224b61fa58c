"""What a user finds on the desktop: notes, passwords, documents, wherever the desktop is."""
from windows_disk import *

change = Changes()
CHECK = 'WIN-DESK-001'
DESK = r'Users\Administrator\Desktop'
FOLDERS = r'Microsoft\Windows\CurrentVersion\Explorer\User Shell Folders'
SHELL = r'Software\Microsoft\Windows\CurrentVersion\Explorer'
SECRET = 'Administrator / Sup3r.Secret'
DESKTOP_ID, PUBLIC_ID = '{B4BFCC3A-DB2C-424C-B029-7FE99A87C641}', '{C4AA340D-F20F-4863-AFEF-F87EF2E6BA25}'


def file(name, why, path, data):
    change.row(name, why, CHECK, path, lambda d: d.put(rf'{DESK}\{path}', data))


# --- what is none of a desktop's ---
file('document-by-its-first-bytes', 'A PDF is one under any name.', 'Setup.exe', b'%PDF-1.7 x')
file('archive-without-an-ending', 'An archive is one under any name.', 'bundle', b'PK\3\4' + bytes(60))
file('note-without-an-ending', 'A text is read under any name.', 'note', f'Log on with {SECRET}\r\n')
file('note-in-desktop-ini', 'The shell shows InfoTip of a folder\'s desktop.ini.', 'desktop.ini', f'[.ShellClassInfo]\r\nInfoTip={SECRET}, please change it\r\n')
file('note-in-utf-16', 'desktop.ini of UTF-16 without a mark, in Chinese.', 'desktop.ini', '账号 Administrator 密码 Sup3r.Secret'.encode('utf-16-le'))
file('note-as-thumbnails', 'A text under the name of a hidden file of the shell.', 'Thumbs.db', SECRET)
file('note-as-thumbnails-in-gbk', 'The same in a Chinese code page.', 'Thumbs.db', '管理员密码: Sup3r'.encode('gbk'))
file('note-in-big5', 'A text in the code page of Taiwan.', 'a.dat', '管理員密碼: x'.encode('big5'))
file('rich-text-as-a-setting', 'WordPad opens rich text under any name.', 'a.cfg', b'{\\rtf1 hello}')
file('name-that-is-spaced', 'The name says what is in it.', 'p a s s w o r d.dat', b'\1\2\3\4')
file('name-of-wide-letters', 'Letters of full width are letters.', 'ｐａｓｓｗｏｒｄ．ini', SECRET)
file('ending-with-an-invisible-sign', 'A zero width space behind the ending is not seen.', '产品.txt\u200b', 'key: Sup3r.Secret')
file('store-of-passwords', 'The database of a password manager.', 'db.dat', bytes.fromhex('03d9a29a67fb4bb5') + bytes(50))
file('document-with-macros', 'A document of Word.', '产品介绍.docm', b'PK\3\4' + bytes(300))
file('notebook', 'A document of OneNote.', '部署.one', b'x')
file('document-of-pages', 'A document of XPS.', '部署.xps', b'PK')

# --- links ---
file('link-to-a-document-by-items', 'A link may name its target in its list of items alone.', 'Start.lnk', link(items=r'C:\docs\manual.pdf'))
file('link-with-a-note', 'The shell shows the comment of a link.', 'Start.lnk', link(r'C:\Windows\explorer.exe', comment='Administrator 密码：Sup3r.Secret'))


@change(CHECK, 'Start.lnk')
def link_that_opens_a_note(d):
    """A link to an editor whose argument is the note."""
    d.put(rf'{DESK}\Start.lnk', link(r'C:\Windows\System32\notepad.exe', d.put(r'C:\docs\password.txt', SECRET)))


# --- streams ---
def stream(name, why, path, entry, data):
    change.row(name, why, CHECK, entry, lambda d: d.stream(path, entry, data))


stream('stream-of-desktop-ini', 'A named stream is opened by its name (notepad file:stream).', rf'{DESK}\desktop.ini', 'notes', SECRET)
stream('stream-of-a-link', 'A named stream is opened by its name (notepad file:stream).', rf'{DESK}\Server Manager.lnk', 'readme.txt', SECRET)
stream('stream-of-the-folder', 'Folders have streams, too.', DESK, '密码.txt', SECRET)
stream('archive-as-a-zone', 'Zone.Identifier may hold what it likes: an archive.', rf'{DESK}\Server Manager.lnk', 'Zone.Identifier', b'PK\3\4' + b'x' * 600)
stream('note-as-a-zone', 'Zone.Identifier may hold what it likes: a note.', rf'{DESK}\Server Manager.lnk', 'Zone.Identifier', SECRET)


# --- the desktop is elsewhere ---
def moved(name, why, hive, key, entry, kind=EXPAND, folder=r'C:\dk', data=None):
    def make(d):
        d.put(rf'{folder}\password.txt', SECRET)
        d.value(hive, key, entry, kind, folder if data is None else data)
    change.row(name, why, CHECK, 'password.txt', make)


moved('desktop-of-the-user-by-a-list', 'The first of a list is read as the text.', 'ADMINISTRATOR', rf'{SHELL}\User Shell Folders', 'Desktop', MULTI, data=[r'C:\dk'])
moved('desktop-of-the-user-by-the-old-key', 'Shell Folders is what old programs and the shell fall back to.', 'ADMINISTRATOR', rf'{SHELL}\Shell Folders', 'Desktop', SZ)
moved('desktop-of-the-user-by-its-guid', 'A folder of OneDrive is set under the GUID.', 'ADMINISTRATOR', rf'{SHELL}\User Shell Folders', '{754AC886-DF64-4CBA-86B5-F7FBF4FBCEF5}')
moved('desktop-of-later-users', 'Each new profile is a copy of Default.', r'Users\Default\NTUSER.DAT', rf'{SHELL}\User Shell Folders', 'Desktop')
moved('desktop-of-the-system', '.DEFAULT is the profile of the logon screen.', r'Windows\System32\config\DEFAULT', rf'{SHELL}\User Shell Folders', 'Desktop')
moved('desktop-of-all-users', 'Common Desktop is shown on every desktop.', 'SOFTWARE', FOLDERS, 'Common Desktop')
moved('desktop-of-all-users-by-its-guid', 'The folder is known by its GUID as well.', 'SOFTWARE', FOLDERS, PUBLIC_ID)
moved('desktop-by-its-description', 'RelativePath of a known folder is where it is below the profile.', 'SOFTWARE',
      rf'{CURRENT}\Explorer\FolderDescriptions\{DESKTOP_ID}', 'RelativePath', SZ,
      r'C:\Users\Default\dk', 'dk')
moved('desktop-by-the-users-description', 'Descriptions of known folders are read from the user\'s hive first.', 'ADMINISTRATOR',
      rf'{SHELL}\FolderDescriptions\{DESKTOP_ID}', 'RelativePath', SZ,
      r'C:\Users\Administrator\dk', 'dk')


def leads(name, why, path, empty=False):
    def make(d):
        d.put(r'docs\password.txt', SECRET)
        if empty:
            d.remove(path)
        d.junction(path, r'C:\docs')
    change.row(name, why, CHECK, 'password.txt', make)


leads('desktop-of-all-users-is-a-junction', 'A junction is opened as the folder that it leads to.', r'Users\Public\Desktop', True)
leads('junction-on-the-desktop', 'A junction is opened as the folder that it leads to.', rf'{DESK}\tools')


# --- what is shown and written ---
change.row('note-before-the-logon', 'The text of the legal notice is shown to whoever connects.', CHECK, 'legalnoticetext',
           lambda d: d.software(rf'{CURRENT}\Policies\System', 'legalnoticetext', SZ, '管理员密码 Sup3r.Secret'))


def picture(name, why, path, hive, key, entry):
    def make(d):
        d.value(hive, key, entry, SZ, d.put(path, b'\xff\xd8\xff'))
    change.row(name, why, CHECK, entry, make)


picture('picture-of-the-lock-screen', 'Pictures hold text, and nobody reads it but the user.', r'C:\ProgramData\x\l.jpg', 'SOFTWARE',
        r'Policies\Microsoft\Windows\Personalization', 'LockScreenImage')
picture('picture-of-the-desktop', 'Pictures hold text, and nobody reads it but the user.', r'C:\Windows\Web\Wallpaper\a.jpg', 'ADMINISTRATOR', r'Control Panel\Desktop',
        'Wallpaper')
SCRIPT = r'Windows\Setup\Scripts\SetupComplete.cmd'
START = 'sc config cloudbase-init start= auto\r\n'
change.row('note-copied-at-the-first-start', 'The script of setup puts a file on the desktop.', CHECK, 'SetupComplete.cmd',
           lambda d: d.put(SCRIPT, START + 'copy C:\\docs\\password.txt C:\\Users\\Public\\Desktop\\\r\n'))
change.row('note-written-at-the-first-start', 'PowerShell asks for the folder and writes there.', CHECK, 'SetupComplete.cmd',
           lambda d: d.put(SCRIPT, START + "powershell -c \"Set-Content ([Environment]::GetFolderPath('CommonDesktop')+'\\a.txt') x\"\r\n"))

# --- what a desktop shows beside its files ---
@change(CHECK, 'Administrator_Sup3r.Secret')
def name_that_is_an_account_and_a_password(d):
    """A folder needs no contents to say a password."""
    d.put(rf'{DESK}\Administrator_Sup3r.Secret\x', '')


@change(CHECK, 'TargetFolderPath')
def icon_that_is_a_folder(d):
    """A class of the shell that is an instance of a folder is shown on every desktop."""
    clsid = '{DEADBEEF-1111-2222-3333-444455556668}'
    d.put(r'docs\pw.txt', SECRET)
    d.software(rf'{CURRENT}\Explorer\Desktop\NameSpace\{clsid}', '', SZ, 'Readme')
    d.software(rf'Classes\CLSID\{clsid}\Instance', 'CLSID', SZ, '{0E5AAE11-A475-4c5b-AB00-C66DE400274E}')
    d.software(rf'Classes\CLSID\{clsid}\Instance\InitPropertyBag', 'TargetFolderPath', SZ, r'C:\docs')


change.row('notes-that-stick', 'Sticky Notes shows its notes on the desktop.', CHECK, 'plum.sqlite', lambda d: d.put(
    r'Users\Administrator\AppData\Local\Packages\Microsoft.MicrosoftStickyNotes_8wekyb3d8bbwe\LocalState\plum.sqlite', b'SQLite format 3\0' + '密码 Sup3r.Secret'.encode()))
