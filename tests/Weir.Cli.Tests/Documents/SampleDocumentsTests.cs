using System.Text.Json;
using Weir.Cli.Documents;
using Weir.Policy.Documents;
using Weir.Testing;

namespace Weir.Cli.Tests.Documents;

public sealed class SampleDocumentsTests
{
    [Fact]
    public void Every_document_of_the_samples_is_read_and_comes_back_the_same_through_yaml()
    {
        var documents = DocumentFiles.Read([RepositoryRoot.Combine("deploy/sample")], TextReader.Null);
        documents.Count.ShouldBeGreaterThan(6);
        foreach (var document in documents)
        {
            using var json = JsonDocument.Parse(document.Content.ToJsonString());
            DocumentReader.TryRead(json.RootElement, out _, out var faults).ShouldBeTrue($"{document.Label}: {string.Join("; ", faults)}");
            var again = YamlText.ReadAll("again", new StringReader(YamlText.Write(document.Content))).ShouldHaveSingleItem();
            System.Text.Json.Nodes.JsonNode.DeepEquals(again, document.Content).ShouldBeTrue(document.Label);
        }
    }

    [Theory]
    [InlineData("a: 1", """{"a":1}""")]
    [InlineData("a: \"1\"", """{"a":"1"}""")]
    [InlineData("a: yes", """{"a":"yes"}""")]
    [InlineData("a: true", """{"a":true}""")]
    [InlineData("a: ~", """{"a":null}""")]
    [InlineData("a:", """{"a":null}""")]
    [InlineData("a: 15m", """{"a":"15m"}""")]
    [InlineData("a: 1.50", """{"a":1.50}""")]
    [InlineData("a: 012", """{"a":12}""")]
    [InlineData("a: |\n  x\n  y\n", """{"a":"x\ny\n"}""")]
    [InlineData("a: [ 'x', y ]", """{"a":["x","y"]}""")]
    public void Scalars_are_what_yaml_1_2_says_they_are(string yaml, string json) =>
        YamlText.ReadAll("test", new StringReader(yaml)).ShouldHaveSingleItem().ToJsonString().ShouldBe(json);

    [Fact]
    public void A_document_nested_too_deeply_is_refused() =>
        Should.Throw<CommandFailure>(() => YamlText.ReadAll("test", new StringReader(new string('[', 100) + new string(']', 100)))).Message.ShouldContain("deep");
}
