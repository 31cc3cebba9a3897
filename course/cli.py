"""The course's command line: which commands there are, and what each one calls.

Parsing needs nothing but the standard library, so that help works before anything is installed;
each command imports what it needs when it runs.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from course.errors import CourseError

ROOT = Path(__file__).resolve().parent.parent
COMMANDS = """\
  demo      grade a small class and show the gradebook: the whole system, once
  lab       copy the notebooks into work/ and open JupyterLab there
  test      pass every test
  build     text -> notebooks, solutions and checks; only what changed
  data      make datasets/ from the seed
  site      make the website, in build/site
  release   make the students' archive
  grade     mark a class's notebooks and write feedback
  doctor    find and mend what is wrong with this machine or a notebook
"""


def main(argv: list[str] | None = None) -> int:
    """Run one command and return its exit code: 0 done, 1 something failed, 2 cannot be done."""
    survive_any_console()
    args = parse(argv)
    try:
        return args.run(args) or 0
    except CourseError as error:
        if args.debug:
            raise
        print(error, file=sys.stderr)
    except OSError as error:
        if args.debug:
            raise
        print(f"{sentence_for(error)} ('--debug' shows where it happened.)", file=sys.stderr)
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return 130
    return 2


def survive_any_console() -> None:
    """Print signs that the console does not know as '?', instead of stopping with an error."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


def sentence_for(error: OSError) -> str:
    """One sentence for a problem with files that no command foresaw."""
    import errno

    where = f" {error.filename}" if error.filename else " a file"
    return {
        errno.ENOSPC: "The disk is full: free some space, then run the command again.",
        errno.EACCES: f"Not allowed to use{where}: choose a folder of your own.",
        errno.EROFS: f"Cannot write{where}: this disk can only be read.",
    }.get(error.errno, f"Something is wrong with{where}: {error.strerror or error}.")


# --- The commands --------------------------------------------------------------------------------


def demo(args) -> int:
    from course import demo

    return demo.demo()


def lab(args) -> int:
    from course.commands import lab

    options = ["--no-browser"] * args.no_browser + args.rest
    return lab.lab(args.modules, folder=args.folder, copy_only=args.copy_only, options=options)


def test(args) -> int:
    from course.commands import test

    return test.test(args.rest)


def build(args) -> int:
    from course.build import build
    from course.modules import find, list_modules

    modules = [find(name) for name in args.modules] or list_modules()
    return build(modules, check=args.check, force=args.force)


def data(args) -> int:
    from course import company
    from course.modules import ROOT

    if args.check:
        differing = company.check_datasets(ROOT)
        if differing:
            print("These files differ from what the seed makes: " + ", ".join(differing) + ".")
            print("Run `python3 -m course data` and commit them.")
        return 1 if differing else 0
    print("Making datasets/ from the seed ...", flush=True)
    return company.make_datasets(ROOT) or 0


def site(args) -> int:
    from course.site import build_site

    return build_site(output=args.output)


def release(args) -> int:
    from course.commands import release

    return release.release(output=args.output)


def grade(args) -> int:
    from course.grading import grade
    from course.modules import find

    return grade(
        find(args.module),
        class_folder=args.class_folder,
        students=args.student,
        feedback_only=args.feedback,
    )


def doctor(args) -> int:
    from course.commands import doctor

    return doctor.doctor(args.files)


# --- Reading the command line --------------------------------------------------------------------


def parse(argv: list[str] | None = None) -> argparse.Namespace:
    """Read a command line; print help or what is wrong with it and exit, where that is due."""
    parser = make_parser()
    argv = sys.argv[1:] if argv is None else argv
    if not argv:
        parser.print_help()
        parser.exit(2)
    args, args.rest = parser.parse_known_args(argv)
    if args.rest and not args.passes_on:
        parser.error(f"{args.command} does not know {args.rest[0]!r}; see '{args.command} --help'")
    args.rest = [text for text in args.rest if text != "--"]
    return args


def make_parser() -> argparse.ArgumentParser:
    """The parser of all commands; every help text fits a screen of 24 lines by 80 columns."""
    shape = {
        "formatter_class": lambda prog: argparse.RawDescriptionHelpFormatter(prog, width=79),
        "allow_abbrev": False,
    }
    parser = argparse.ArgumentParser(
        prog="python3 -m course",
        usage="python3 -m course COMMAND [-h]",
        description="Customer Relationship Management: strategy, analytics and practice.\n\n"
        f"commands:\n{COMMANDS}",
        epilog="example:  python3 -m course demo",
        **shape,
    )
    commands = parser.add_subparsers(
        dest="command", metavar="COMMAND", required=True, help=argparse.SUPPRESS
    )

    def add(run, about: str, example: str, *, passes_on: bool = False) -> argparse.ArgumentParser:
        command = commands.add_parser(
            run.__name__,
            prog=f"python3 -m course {run.__name__}",
            description=about,
            epilog=f"example:  python3 -m course {example}",
            **shape,
        )
        command.add_argument("--debug", action="store_true", help="show where an error arose")
        command.set_defaults(run=run, passes_on=passes_on)
        return command

    add(
        demo,
        "Build what is missing, grade a small class on module 02, print the gradebook\n"
        "and say where each student's feedback lies. Takes a few minutes.",
        "demo",
    )

    command = add(
        lab,
        "Copy the notebooks into work/ and open JupyterLab there. A file of yours is\n"
        "never overwritten. Other options go to JupyterLab.",
        "lab 02",
        passes_on=True,
    )
    command.add_argument("modules", nargs="*", metavar="MODULE", help="only these modules")
    command.add_argument("--folder", type=Path, help="another folder than work/")
    command.add_argument("--no-browser", action="store_true", help="print the address only")
    command.add_argument("--copy-only", action="store_true", help="copy, but open nothing")

    add(
        test,
        "Pass every test, in parallel. Other options go to pytest.",
        "test -k rfm",
        passes_on=True,
    )

    command = add(
        build,
        "Make notebooks/ and solutions/ from the texts in course/modules: what changed,\n"
        "or the modules named.",
        "build 02",
    )
    command.add_argument("modules", nargs="*", metavar="MODULE", help="only these modules")
    command.add_argument("--check", action="store_true", help="change nothing; fail if it would")
    command.add_argument("--force", action="store_true", help="also what did not change")

    command = add(data, "Make datasets/ from the seed; the same bytes every time.", "data --check")
    command.add_argument("--check", action="store_true", help="change nothing; fail if it would")

    command = add(site, "Make the website, ready to open or to serve.", "site")
    command.add_argument(
        "--output", type=Path, default=ROOT / "build" / "site", help="the folder (build/site)"
    )

    command = add(
        release,
        "Make the students' archive: notebooks, tables, crmlib and how to start. It holds\n"
        "no answers, and is searched for them before it is finished.",
        "release",
    )
    command.add_argument(
        "--output", type=Path, default=ROOT / "build" / "release", help="the folder (build/release)"
    )

    command = add(
        grade,
        "Mark the notebooks in CLASS/submitted/STUDENT/MODULE/, fill the gradebook and\n"
        "write feedback to CLASS/feedback/.",
        "grade 02 --class class",
    )
    command.add_argument("module", metavar="MODULE", help="its number or name, such as 02")
    command.add_argument(
        "--class",
        dest="class_folder",
        metavar="CLASS",
        type=Path,
        help="the class's folder (class, or CRM_CLASS_FOLDER)",
    )
    command.add_argument(
        "--student", action="append", metavar="NAME", help="only this one; may be repeated"
    )
    command.add_argument(
        "--feedback",
        action="store_true",
        help="run nothing; write the feedback again, with the marks given by hand",
    )

    command = add(
        doctor,
        "Without FILE: look at this machine and its environment. With FILE: look at a\n"
        "submitted notebook, and write what can be mended to FILE.mended.ipynb.",
        "doctor rfm.ipynb",
    )
    command.add_argument("files", nargs="*", metavar="FILE", type=Path, help="a notebook")
    return parser


if __name__ == "__main__":
    sys.exit(main())
