using Weir.Policy.Documents;
using Weir.WebConsole.Areas.Policies;
using Weir.WebConsole.Format;

namespace Weir.WebConsole.Tests.Areas.Policies;

public sealed class PolicyTemplatesTests
{
    public static TheoryData<string> Kinds => [.. PolicyKind.All.Select(k => k.Name)];

    [Theory, MemberData(nameof(Kinds))]
    public void A_template_is_a_valid_document_of_its_kind(string kind)
    {
        var document = DocumentText.Read(PolicyKind.Find(kind)!.Template).ShouldHaveSingleItem();
        DocumentReader.TryRead(document, out var read, out var faults).ShouldBeTrue(string.Join("; ", faults));
        read!.Kind.ShouldBe(kind);
    }
}
