namespace Weir.Sql.Parsing;

/// <summary><c>enum pgq_operation</c> of native/pgparser.h.</summary>
internal enum NativeOperation
{
    Parse = 0,
    Plpgsql = 1,
    Scan = 2,
}
