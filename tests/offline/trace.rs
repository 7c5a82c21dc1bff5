//! Reads what strace wrote and says which calls reached out or left something behind.

use std::fs;
use std::path::Path;

/// The system calls that strace is asked for.
pub(crate) const CALLS: &str = "trace=openat,open,creat,mkdir,mkdirat,mknod,mknodat,rename,renameat,renameat2,link,linkat,\
    symlink,symlinkat,unlink,unlinkat,truncate,chmod,fchmodat,bind,connect,sendto,sendmsg,sendmmsg,execve";

/// Every call of every thread, from the files `PREFIX.TID` that `strace -ff -o PREFIX` wrote.
pub(crate) fn calls(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("the trace's folder can be read") {
        let text = fs::read(entry.expect("the trace's folder can be read").path()).expect("a trace can be read");
        found.extend(String::from_utf8_lossy(&text).lines().map(str::to_owned));
    }
    found
}

/// Calls that changed the file system, whatever became of the change.
pub(crate) fn writes(calls: &[String]) -> Vec<&String> {
    const CHANGING: &[&str] =
        &["creat", "mkdir", "mknod", "rename", "link", "symlink", "unlink", "truncate", "chmod", "fchmod"];
    calls
        .iter()
        .filter(|call| !call.contains(" = -1 "))
        .filter(|call| {
            let name = call.split('(').next().unwrap_or_default();
            let opens = name.starts_with("open")
                && ["O_CREAT", "O_WRONLY", "O_RDWR", "O_TMPFILE"].iter().any(|flag| call.contains(flag));
            (opens && !call.contains("\"/dev/")) || CHANGING.iter().any(|changing| name.starts_with(changing))
        })
        .collect()
}

/// Calls that name an internet address other than a loopback one.
pub(crate) fn reaching_out(calls: &[String]) -> Vec<&String> {
    const LOOPBACK: &[&str] = &["inet_addr(\"127.", "inet_pton(AF_INET6, \"::1\""];
    calls
        .iter()
        .filter(|call| {
            ["bind(", "connect(", "sendto(", "sendmsg(", "sendmmsg("].iter().any(|name| call.starts_with(name))
        })
        .filter(|call| call.contains("sa_family=AF_") && !call.contains("AF_UNIX"))
        .filter(|call| !LOOPBACK.iter().any(|address| call.contains(address)))
        .collect()
}

/// Programs that were started besides the traced one.
pub(crate) fn programs(calls: &[String]) -> Vec<&String> {
    calls.iter().filter(|call| call.starts_with("execve(") && call.ends_with("= 0")).skip(1).collect()
}

#[test]
fn a_trace_with_offences_is_found_out() {
    let lines = |text: &str| text.lines().map(|line| line.trim().to_owned()).collect::<Vec<_>>();
    let written = lines(
        r#"openat(AT_FDCWD, "/home/x/.cache/ehlo", O_WRONLY|O_CREAT|O_CLOEXEC, 0666) = 7
        mkdir("/home/x/.config", 0777) = 0
        openat(AT_FDCWD, "/home/x/old", O_RDWR|O_CLOEXEC) = 7"#,
    );
    assert_eq!(writes(&written).len(), 3);
    let harmless = lines(
        r#"openat(AT_FDCWD, "/etc/passwd", O_RDONLY|O_CLOEXEC) = 7
        openat(AT_FDCWD, "/dev/tty", O_RDWR|O_CLOEXEC) = 7
        mkdir("/home/x/.config", 0777) = -1 EEXIST (File exists)"#,
    );
    assert_eq!(writes(&harmless).len(), 0);
    let outward = lines(
        r#"connect(9, {sa_family=AF_INET, sin_port=htons(53), sin_addr=inet_addr("192.0.2.53")}, 16) = 0
        bind(9, {sa_family=AF_INET, sin_port=htons(0), sin_addr=inet_addr("0.0.0.0")}, 16) = 0
        sendto(9, "x", 1, 0, {sa_family=AF_INET6, sin6_port=htons(53), inet_pton(AF_INET6, "2001:db8::1", &sin6_addr)}, 28) = 1"#,
    );
    assert_eq!(reaching_out(&outward).len(), 3);
    let inward = lines(
        r#"connect(9, {sa_family=AF_INET, sin_port=htons(4053), sin_addr=inet_addr("127.0.0.1")}, 16) = 0
        sendto(9, "x", 1, MSG_NOSIGNAL, NULL, 0) = 1
        connect(9, {sa_family=AF_UNIX, sun_path="/run/nscd/socket"}, 110) = -1 ENOENT (No such file or directory)"#,
    );
    assert_eq!(reaching_out(&inward).len(), 0);
}
