"""Sphinx's settings for the website: everything is local, nothing is run."""

project = "Customer Relationship Management"
html_title = "Customer Relationship Management: strategy, analytics and practice"
html_short_title = "CRM course"
language = "en"
author = "the course's authors"
copyright = f"{author}. Text and figures CC BY 4.0, code BSD-3-Clause"
html_show_sphinx = False
html_last_updated_fmt = None

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
    "course.site.mathml",
]

# The notebooks were run by the build, with their outputs made stable.
nb_execution_mode = "off"
nb_ipywidgets_js = {}  # would load scripts from another host
myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3
myst_update_mathjax = False
html_math_renderer = "mathml"

autodoc_member_order = "bysource"
autodoc_typehints = "none"  # the docstrings say in words what goes in and out
autodoc_preserve_defaults = True
napoleon_google_docstring = False
napoleon_use_ivar = True
napoleon_use_rtype = False
add_module_names = False

html_theme = "sphinx_book_theme"
html_theme_options = {
    "home_page_in_toc": True,
    "show_navbar_depth": 1,
    "show_toc_level": 2,
    "footer_content_items": ["copyright"],
    "use_download_button": False,
    "use_fullscreen_button": False,
    "navigation_with_keys": False,
    "navbar_persistent": [],  # the search stands in the sidebar
    "article_header_end": ["toggle-secondary-sidebar"],
    "pygments_light_style": "a11y-high-contrast-light",
}
html_context = {"default_mode": "light"}
templates_path = ["templates"]
html_sidebars = {"**": ["brand.html", "search-button-field.html", "sbt-sidebar-nav.html"]}
html_favicon = "static/favicon.svg"
html_use_index = False
html_domain_indices = False
html_static_path = ["static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sourcelink = False
html_permalinks_icon = "#"
