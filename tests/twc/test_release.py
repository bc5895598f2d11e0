"""What `scripts/release` makes is what HACS unpacks into custom_components/tesla_twc."""

from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
import json
from pathlib import Path
import subprocess
from types import ModuleType
import zipfile

import pytest
import yaml

REPOSITORY = Path(__file__).resolve().parents[2]
INTEGRATION = REPOSITORY / "custom_components" / "tesla_twc"
MANIFEST = json.loads((INTEGRATION / "manifest.json").read_text("utf-8"))
HACS = json.loads((REPOSITORY / "hacs.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def release() -> ModuleType:
    loader = SourceFileLoader("scripts_release", str(REPOSITORY / "scripts" / "release"))
    spec = spec_from_loader(loader.name, loader)
    assert spec is not None
    module = module_from_spec(spec)
    loader.exec_module(module)
    return module


def test_the_zip_has_the_files_of_the_integration_at_its_root(release: ModuleType, tmp_path: Path) -> None:
    assert release.release(None, tmp_path) == MANIFEST["version"]
    with zipfile.ZipFile(tmp_path / HACS["filename"]) as packed:
        names = set(packed.namelist())
        assert packed.testzip() is None
        packed.extractall(tmp_path / "unpacked")
    assert {"__init__.py", "manifest.json", "translations/en.json", "brand/icon.png"} <= names
    assert not [name for name in names if "__pycache__" in name or name.endswith(".pyc")]
    for name in names:
        assert (tmp_path / "unpacked" / name).read_bytes() == (INTEGRATION / name).read_bytes(), name
    listed = subprocess.run(
        ["git", "ls-files", "custom_components/tesla_twc"],
        cwd=REPOSITORY,
        capture_output=True,
        check=True,
        text=True,
    )
    assert len(names) == len(listed.stdout.splitlines())


def test_the_same_files_make_the_same_zip(release: ModuleType, tmp_path: Path) -> None:
    made = []
    for folder in ("one", "two"):
        release.release(None, tmp_path / folder)
        made.append((tmp_path / folder / HACS["filename"]).read_bytes())
    assert made[0] == made[1]


def test_a_trial_has_its_version_in_the_manifest(release: ModuleType, tmp_path: Path) -> None:
    version = f"{MANIFEST['version']}b3"
    assert release.release(f"v{version}", tmp_path) == version
    with zipfile.ZipFile(tmp_path / HACS["filename"]) as packed:
        assert json.loads(packed.read("manifest.json")) == {**MANIFEST, "version": version}


@pytest.mark.parametrize("tag", ["v9.9.9", "latest", "v1", "v0.2.0-final"])
def test_a_tag_that_the_manifest_does_not_promise_makes_no_release(
    release: ModuleType, tmp_path: Path, tag: str
) -> None:
    with pytest.raises(release.ReleaseError, match="v"):
        release.release(tag, tmp_path)
    assert not list(tmp_path.iterdir())


def test_the_notes_are_those_of_the_release(release: ModuleType) -> None:
    changelog = "# Changelog\n\n## 0.10.0\n\n- new\n\n### Mended\n\n- old\n\n## 0.1.0\n\n- first\n"
    assert release.notes_of(changelog, "0.10.0") == "- new\n\n### Mended\n\n- old\n"
    assert release.notes_of(changelog, "0.1.0") == "- first\n"
    for missing in ("0.2.0", "0.10"):
        with pytest.raises(release.ReleaseError, match=missing):
            release.notes_of(changelog, missing)
    assert release.notes_of((REPOSITORY / "CHANGELOG.md").read_text("utf-8"), MANIFEST["version"])


def test_hacs_gets_the_zip_that_the_release_publishes() -> None:
    known = {"content_in_root", "country", "filename", "hacs", "hide_default_branch", "homeassistant", "name"}
    assert set(HACS) <= known | {"persistent_directory", "render_readme", "zip_release"}
    assert HACS["zip_release"] is True
    workflow = yaml.safe_load((REPOSITORY / ".github" / "workflows" / "release.yaml").read_text("utf-8"))
    steps = [step.get("run", "") for step in workflow["jobs"]["release"]["steps"]]
    made, tested, published = (
        next(number for number, step in enumerate(steps) if text in step)
        for text in ("scripts/release", ".ci/run", f"dist/{HACS['filename']}")
    )
    assert made < tested < published


def test_what_hacs_and_its_catalogue_ask_for_is_there() -> None:
    assert [folder.name for folder in (REPOSITORY / "custom_components").iterdir() if folder.is_dir()] == [
        "tesla_twc"
    ]
    needed = ("codeowners", "documentation", "domain", "issue_tracker", "name", "version")
    assert all(MANIFEST[key] for key in needed)
    assert all(MANIFEST[key].startswith("https://") for key in ("documentation", "issue_tracker"))
    assert (REPOSITORY / "LICENSE").read_text("utf-8").startswith("MIT License")
    assert (REPOSITORY / "README.md").exists()
    for workflow, check in (("validate.yaml", "hacs/action"), ("validate.yaml", "hassfest")):
        assert check in (REPOSITORY / ".github" / "workflows" / workflow).read_text("utf-8")
