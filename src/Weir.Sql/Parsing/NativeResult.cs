using System.Runtime.InteropServices;

namespace Weir.Sql.Parsing;

/// <summary><c>struct pgq_result</c> of native/pgparser.h: points into the instance until its result is released.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeResult
{
    public byte* TextPointer;
    public byte* FunctionPointer;
    public uint TextLength;
    public uint FunctionLength;
    public int Cursor;

    public readonly ReadOnlySpan<byte> Text => new(TextPointer, checked((int)TextLength));

    public readonly ReadOnlySpan<byte> Function => new(FunctionPointer, checked((int)FunctionLength));
}
