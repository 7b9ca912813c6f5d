namespace Weir.Sql.Parsing;

/// <summary><c>enum pgq_status</c> of native/pgparser.h. Negative: the instance is dead.</summary>
internal enum NativeStatus
{
    Ok = 0,
    SqlError = 1,
    NoStack = 2,
    TrapStack = -1,
    TrapInterrupt = -2,
    TrapMemory = -3,
    TrapOther = -4,
    Dead = -5,
}
