namespace Weir.Policy.Analysis;

/// <summary>
/// What a statement may do, as a set. The names on the wire, in documents and in the API are the snake_case forms
/// of <see cref="EffectNames"/>; numbers are internal and never persisted.
/// </summary>
[Flags]
public enum Effects : uint
{
    None = 0,
    Read = 1 << 0,
    Insert = 1 << 1,
    Update = 1 << 2,
    Delete = 1 << 3,
    Merge = 1 << 4,
    Truncate = 1 << 5,
    Create = 1 << 6,
    Alter = 1 << 7,
    Drop = 1 << 8,
    Grant = 1 << 9,
    CopyIn = 1 << 10,
    CopyOut = 1 << 11,

    /// <summary>Runs an operating-system program, or reads or writes files of the server.</summary>
    Program = 1 << 12,
    Lock = 1 << 13,
    Maintenance = 1 << 14,

    /// <summary>SET, RESET, DISCARD: changes settings of the session only.</summary>
    Session = 1 << 15,
    Transaction = 1 << 16,

    /// <summary>Calls a function or procedure that may write.</summary>
    Call = 1 << 17,

    /// <summary>DO blocks and execution of text that is built at run time.</summary>
    Dynamic = 1 << 18,
    Notify = 1 << 19,
    Replication = 1 << 20,

    /// <summary>A construct that the analysis does not know. Never allowed.</summary>
    Unknown = 1u << 31,
}
