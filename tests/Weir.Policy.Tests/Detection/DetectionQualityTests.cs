using System.Buffers;
using System.Text;
using Weir.Policy.Detection;
using Weir.Policy.Documents;

namespace Weir.Policy.Tests.Detection;

/// <summary>
/// Precision and recall of each detector over the whole labelled set (<see cref="LabelledValues"/>): what another detector is to find counts as a wrong find.
/// The bars are what the detectors reach on it, rounded down; a change that lowers one is a change of behaviour and needs a reason.
/// </summary>
public sealed class DetectionQualityTests(ITestOutputHelper output)
{
    private static readonly Lazy<List<LabelledValue>> Set = new(LabelledValues.Make);

    [Theory]
    [InlineData(Detector.Email, 0.99, 0.99)]
    [InlineData(Detector.CreditCard, 0.99, 0.99)]
    [InlineData(Detector.UsSsn, 0.99, 0.98)]
    [InlineData(Detector.Iban, 0.99, 0.99)]
    [InlineData(Detector.Phone, 0.99, 0.98)]
    [InlineData(Detector.IpAddress, 0.99, 0.98)]
    [InlineData(Detector.Jwt, 0.99, 0.99)]
    [InlineData(Detector.SecretKey, 0.99, 0.99)]
    public void Precision_and_recall_hold_their_bars(object which, double leastRecall, double leastPrecision)
    {
        var detector = (Detector)which;
        var set = DetectorSet.Of([detector]);
        var missed = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        var wrong = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        int found = 0;
        int labelled = 0;
        foreach (var value in Set.Value)
        {
            bool isFound = set.TryMask(Encoding.UTF8.GetBytes(value.Text), new ArrayBufferWriter<byte>());
            labelled += value.Label == detector ? 1 : 0;
            found += isFound && value.Label == detector ? 1 : 0;
            if (isFound != (value.Label == detector))
                Note(isFound ? wrong : missed, value);
        }

        int wrongs = wrong.Values.Sum(v => v.Count);
        double recall = (double)found / labelled;
        double precision = (double)found / (found + wrongs);
        output.WriteLine($"| {detector} | {labelled} of {Set.Value.Count} | {recall:P1} | {precision:P1} |");
        foreach (var (category, values) in missed.Concat(wrong))
            output.WriteLine($"  {category}: {values.Count}, such as {values[0]}");
        recall.ShouldBeGreaterThanOrEqualTo(leastRecall, Text(missed));
        precision.ShouldBeGreaterThanOrEqualTo(leastPrecision, Text(wrong));
    }

    [Fact]
    public void The_set_is_large_and_the_same_every_time()
    {
        Set.Value.Count.ShouldBeGreaterThan(5_000);
        LabelledValues.Make().ShouldBe(Set.Value);
        Enum.GetValues<Detector>().ShouldAllBe(d => Set.Value.Count(v => v.Label == d) > 100);
        Set.Value.Count(v => v.Label is null).ShouldBeGreaterThan(2_000);
    }

    private static void Note(Dictionary<string, List<string>> by, LabelledValue value)
    {
        if (!by.TryGetValue(value.Category, out var values))
            by[value.Category] = values = [];
        values.Add(value.Text);
    }

    private static string Text(Dictionary<string, List<string>> by) => string.Join("; ", by.Select(c => $"{c.Key} ({c.Value.Count}): {c.Value[0]}"));
}
