using Weir.Testing;

namespace Weir.Architecture.Tests;

public sealed class ProjectReferenceTests
{
    private static readonly IReadOnlyDictionary<string, ProjectFile> Shipped =
        SourceTree.Projects.Where(project => !SourceTree.IsUnder(project.Path, "tests")).ToDictionary(project => project.Name);

    public static TheoryData<string> RuledProjects => [.. ProjectRule.Table.Select(rule => rule.Project)];

    public static TheoryData<string> PureProjects => [.. ProjectRule.Table.Where(rule => rule.IsPure).Select(rule => rule.Project)];

    [Fact]
    public void Every_project_that_ships_has_a_line_in_the_table() =>
        Shipped.Keys.Order().ShouldBe(ProjectRule.Table.Select(rule => rule.Project).Order());

    [Theory, MemberData(nameof(RuledProjects))]
    public void Project_references_only_what_the_table_allows(string project) =>
        Shipped[project].References.Except(RuleOf(project).References).ShouldBeEmpty();

    [Theory, MemberData(nameof(RuledProjects))]
    public void Project_takes_only_the_packages_that_the_table_allows(string project)
    {
        if (RuleOf(project).Packages is { } allowed)
        {
            Shipped[project].Packages.Except(allowed).ShouldBeEmpty();
        }
        else
        {
            Shipped[project].Packages.ShouldNotBeEmpty();
        }
    }

    [Theory, MemberData(nameof(PureProjects))]
    public void Pure_project_knows_no_socket_clock_logger_or_container(string project)
    {
        string[] impure = ["System.Net.Sockets", "Microsoft.Extensions", "TimeProvider", "System.Diagnostics.Process", "HttpClient"];
        var directory = $"src/{project}";
        var uses =
            from file in SourceTree.ShippedCode.Where(file => SourceTree.IsUnder(file, directory))
            from line in SourceText.CodeLines(file)
            where impure.Any(name => line.Text.Contains(name, StringComparison.Ordinal))
            select line.ToString();
        uses.ShouldBeEmpty();
    }

    [Fact]
    public void Agent_never_reaches_the_control_plane_by_any_road()
    {
        var reached = new HashSet<string>();
        Reach("Weir.Agent", reached);
        reached.ShouldNotContain(project => project.StartsWith("Weir.ControlPlane", StringComparison.Ordinal));
    }

    [Fact]
    public void Nothing_that_ships_references_a_test_project() =>
        Shipped.Values.SelectMany(project => project.References).Where(reference => !Shipped.ContainsKey(reference)).ShouldBeEmpty();

    [Fact]
    public void Every_project_is_part_of_the_solution()
    {
        var solution = File.ReadAllText(RepositoryRoot.Combine("ControlPlane.sln")).Replace('\\', '/');
        SourceTree.Projects.Where(project => !solution.Contains($"{project.Name}.csproj\"", StringComparison.Ordinal))
            .Select(project => project.Name).ShouldBeEmpty();
    }

    private static ProjectRule RuleOf(string project) => ProjectRule.Table.Single(rule => rule.Project == project);

    private static void Reach(string project, HashSet<string> reached)
    {
        foreach (var reference in Shipped[project].References.Where(reached.Add))
        {
            Reach(reference, reached);
        }
    }
}
