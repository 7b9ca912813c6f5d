namespace Weir.Agent.Net.Epoll;

/// <summary>What epoll reports of a descriptor, and what it is asked to report (epoll_ctl(2)). Errors and hang-ups are reported unasked.</summary>
[Flags]
internal enum EpollEvents : uint
{
    None = 0,
    Readable = 0x1,
    Writable = 0x4,
    Error = 0x8,

    /// <summary>Both directions are shut.</summary>
    HungUp = 0x10,

    /// <summary>The peer has shut its side; bytes may still wait in front of the end.</summary>
    PeerClosed = 0x2000,

    /// <summary>Report changes only.</summary>
    EdgeTriggered = 0x8000_0000,
}
