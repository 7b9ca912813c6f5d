using CsCheck;
using Weir.Protocol.Postgres.Backend;
using Weir.Protocol.Postgres.Framing;

namespace Weir.Protocol.Postgres.Tests.Backend;

public sealed class FixedRowRewriterTests
{
    [Fact]
    public void A_row_is_the_one_written_with_the_fixed_values_and_its_nulls()
    {
        var genValue = Gen.Select(Gen.Bool, Gen.Byte.Array[0, 6]);
        var genFixed = Gen.Select(Gen.Bool, Gen.Byte.Array[0, 9]);
        Gen.Select(genValue.Array[0, 8], Gen.Int[0, 255], genFixed.Array[8, 8]).Sample((values, mask, replacements) =>
        {
            var columns = Enumerable.Range(0, values.Length).Where(i => (mask >> i & 1) != 0).ToArray();
            var rewriter = new FixedRowRewriter(values.Length, columns, [.. columns.Select(i => replacements[i].Item1 ? null : replacements[i].Item2)]);
            var expected = TestRows.Of([.. values.Select((value, i) => value.Item1 || !columns.Contains(i) ? value : replacements[i])]);
            Rewrite(rewriter, Body(values)).ShouldBe(expected.Written.ToArray());
        });
    }

    [Fact]
    public void Another_number_of_columns_is_a_violation()
    {
        var rewriter = new FixedRowRewriter(2, [0], [null]);
        Should.Throw<ProtocolViolationException>(() => Rewrite(rewriter, Body((false, [1]))));
        Should.Throw<ProtocolViolationException>(() => Rewrite(rewriter, Body((false, [1]), (false, [1]), (false, [1]))));
    }

    [Fact]
    public void Every_damage_of_a_length_is_a_violation_or_another_row_and_nothing_is_read_or_written_outside()
    {
        var rewriter = new FixedRowRewriter(3, [0, 2], [[7, 7], null]);
        Gen.Select(Gen.Int[0, 25], Gen.Byte, Gen.Int[0, 8]).Sample((position, value, cut) =>
        {
            var body = Body((false, [1, 2, 3]), (true, []), (false, [4, 5]));
            if (position < body.Length)
                body[position] = value;
            var shortened = body[..^Math.Min(cut, body.Length)];
            try
            {
                Rewrite(rewriter, shortened);
            }
            catch (ProtocolViolationException)
            {
                // As it should be.
            }
        });
    }

    [Fact]
    public void Columns_out_of_order_or_outside_of_the_row_are_a_defect_of_the_caller()
    {
        Should.Throw<ArgumentException>(() => new FixedRowRewriter(2, [1, 0], [null, null]));
        Should.Throw<ArgumentException>(() => new FixedRowRewriter(2, [0, 0], [null, null]));
        Should.Throw<ArgumentException>(() => new FixedRowRewriter(2, [2], [null]));
        Should.Throw<ArgumentException>(() => new FixedRowRewriter(2, [0], []));
    }

    [Fact]
    public void A_row_allocates_nothing()
    {
        var rewriter = new FixedRowRewriter(3, [0, 2], ["*****"u8.ToArray(), null]);
        var row = Body((false, [1, 2, 3]), (true, []), (false, [4, 5]));
        var output = new byte[rewriter.MaxLength(row.Length)];
        Allocation.Of(() => rewriter.Rewrite(row, output)).ShouldBe(0);
    }

    // Exactly the room that is promised to suffice.
    private static byte[] Rewrite(FixedRowRewriter rewriter, byte[] body)
    {
        var output = new byte[rewriter.MaxLength(body.Length)];
        var length = rewriter.Rewrite(body, output);
        return output[..length];
    }

    private static byte[] Body(params (bool IsNull, byte[] Value)[] values) => TestRows.Of(values).Written[FrameHeader.Size..].ToArray();
}
